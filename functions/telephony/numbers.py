"""Managing the phone numbers of a telephony configuration."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Routes, delete, get, post, put
from functions.telephony.documents import ConfigurationId
from functions.telephony.number_documents import (
    NewNumber,
    NumberChanges,
    NumberDocument,
    NumberId,
    NumberList,
)
from functions.telephony.services import TelephonyServices
from offhook.organizations.model import ApiKey, Scope
from offhook.telephony.model import PhoneNumber

_ALL = "/telephony-configurations/{configuration_id}/phone-numbers"
_ONE = f"{_ALL}/{{number_id}}"


class NumberRoutes(Routes[TelephonyServices]):
    """Lists, adds, shows, changes and removes phone numbers."""

    tag = "telephony configurations"

    @get(_ALL, Scope.TELEPHONY_READ)
    def list_phone_numbers(
        self, configuration_id: ConfigurationId, caller: Caller, paging: Paged
    ) -> NumberList:
        """List a configuration's phone numbers, the default caller first."""
        telephony = self._services.telephony
        telephony.get(caller.organization_id, configuration_id)
        numbers = telephony.list_numbers(caller.organization_id, configuration_id)
        this_list = (caller.organization_id, "phone-numbers", configuration_id)
        return self._services.cursors.page(NumberList, numbers, paging, of=this_list)

    @post(_ALL, Scope.TELEPHONY_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_phone_number(
        self, configuration_id: ConfigurationId, body: NewNumber, caller: Caller, intent: NewThing
    ) -> NumberDocument:
        """Add a phone number to a configuration.

        The carrier is asked whether the number is yours; when it says no, or does not answer, `verified_at` is null.
        """
        services, organization_id = self._services, caller.organization_id
        configuration = services.telephony.get(organization_id, configuration_id)
        made = intent.made_before(partial(services.telephony.get_number, organization_id, configuration_id))
        now = services.clock()
        number = PhoneNumber(
            id=intent.resource_id,
            configuration_id=configuration.id,
            organization_id=organization_id,
            created_at=now,
            **body.model_dump(),
        )
        return NumberDocument.model_validate(made or services.numbers.add(configuration, number, now))

    @get(_ONE, Scope.TELEPHONY_READ)
    def get_phone_number(
        self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller
    ) -> NumberDocument:
        """Show a phone number."""
        return NumberDocument.model_validate(self._find(caller, configuration_id, number_id))

    @put(_ONE, Scope.TELEPHONY_WRITE)
    def update_phone_number(
        self, configuration_id: ConfigurationId, number_id: NumberId, body: NumberChanges, caller: Caller
    ) -> NumberDocument:
        """Change a phone number's label, agent or rank, and have the carrier asked again whether it is yours."""
        services = self._services
        configuration = services.telephony.get(caller.organization_id, configuration_id)
        number = self._find(caller, configuration_id, number_id)
        updated = services.numbers.update(configuration, number, body.given(), services.clock())
        return NumberDocument.model_validate(updated)

    @delete(_ONE, Scope.TELEPHONY_WRITE, status=HTTPStatus.NO_CONTENT)
    def delete_phone_number(
        self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller
    ) -> None:
        """Remove a phone number."""
        self._services.telephony.remove_number(self._find(caller, configuration_id, number_id))

    @post(f"{_ONE}/set-default-caller", Scope.TELEPHONY_WRITE)
    def set_default_caller(
        self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller
    ) -> NumberDocument:
        """Have calls that name no number show this one."""
        number = replace(self._find(caller, configuration_id, number_id), is_default_caller=True)
        self._services.telephony.update_number(number)
        return NumberDocument.model_validate(number)

    def _find(self, caller: ApiKey, configuration_id: str, number_id: str) -> PhoneNumber:
        return self._services.telephony.get_number(caller.organization_id, configuration_id, number_id)
