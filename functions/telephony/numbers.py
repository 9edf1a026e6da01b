"""Managing the phone numbers of a telephony configuration."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter

from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from functions.telephony.documents import ConfigurationId
from functions.telephony.number_documents import (
    NewNumber,
    NumberChanges,
    NumberDocument,
    NumberId,
    NumberList,
    number_document,
)
from functions.telephony.services import TelephonyServices
from offhook.organizations.model import ApiKey, Scope
from offhook.telephony.model import PhoneNumber
from offhook.telephony.numbers import add_number, update_number

_PATH = "/telephony-configurations/{configuration_id}/phone-numbers"


class NumberRoutes:
    """Lists, adds, shows, changes and removes phone numbers."""

    def __init__(self, services: TelephonyServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="telephony configurations")
        routes.add(
            "GET",
            _PATH,
            self.list_numbers,
            scope=Scope.TELEPHONY_READ,
            operation_id="listPhoneNumbers",
            summary="List a configuration's phone numbers, the default caller first",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "POST",
            _PATH,
            self.create,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="createPhoneNumber",
            summary="Add a phone number to a configuration",
            status=HTTPStatus.CREATED,
            problems=[HTTPStatus.NOT_FOUND],
            new_id=some_uuid,
        )
        routes.add(
            "GET",
            f"{_PATH}/{{number_id}}",
            self.show,
            scope=Scope.TELEPHONY_READ,
            operation_id="getPhoneNumber",
            summary="Show a phone number",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "PUT",
            f"{_PATH}/{{number_id}}",
            self.update,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="updatePhoneNumber",
            summary="Change a phone number's label, agent or rank",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "DELETE",
            f"{_PATH}/{{number_id}}",
            self.remove,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="deletePhoneNumber",
            summary="Remove a phone number",
            status=HTTPStatus.NO_CONTENT,
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "POST",
            f"{_PATH}/{{number_id}}/set-default-caller",
            self.set_default_caller,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="setDefaultCaller",
            summary="Have calls that name no number show this one",
            problems=[HTTPStatus.NOT_FOUND],
        )
        return routes.router

    def list_numbers(
        self,
        configuration_id: ConfigurationId,
        caller: Caller,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> NumberList:
        telephony = self._services.telephony
        telephony.get(caller.organization_id, configuration_id)
        numbers = telephony.list_numbers(caller.organization_id, configuration_id)
        this_list = (caller.organization_id, "phone-numbers", configuration_id)
        items, next_cursor = self._services.cursors.page(
            numbers, cursor, limit, of=this_list, show=number_document
        )
        return NumberList(items=items, next_cursor=next_cursor)

    def create(
        self, configuration_id: ConfigurationId, body: NewNumber, caller: Caller, intent: NewThing
    ) -> NumberDocument:
        services, organization_id = self._services, caller.organization_id
        configuration = services.telephony.get(organization_id, configuration_id)
        made = intent.made_before(partial(services.telephony.get_number, organization_id, configuration_id))
        number = made or add_number(
            services.telephony,
            services.agents,
            configuration,
            number_id=intent.resource_id,
            address=body.address,
            label=body.label,
            inbound_agent_uuid=body.inbound_agent_uuid,
            is_default_caller=body.is_default_caller,
            now=services.clock(),
        )
        return number_document(number)

    def show(self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller) -> NumberDocument:
        return number_document(self._find(caller, configuration_id, number_id))

    def update(
        self, configuration_id: ConfigurationId, number_id: NumberId, body: NumberChanges, caller: Caller
    ) -> NumberDocument:
        number = replace(self._find(caller, configuration_id, number_id), **body.given())
        return number_document(update_number(self._services.telephony, self._services.agents, number))

    def remove(self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller) -> None:
        self._services.telephony.remove_number(self._find(caller, configuration_id, number_id))

    def set_default_caller(
        self, configuration_id: ConfigurationId, number_id: NumberId, caller: Caller
    ) -> NumberDocument:
        number = replace(self._find(caller, configuration_id, number_id), is_default_caller=True)
        self._services.telephony.update_number(number)
        return number_document(number)

    def _find(self, caller: ApiKey, configuration_id: str, number_id: str) -> PhoneNumber:
        return self._services.telephony.get_number(caller.organization_id, configuration_id, number_id)
