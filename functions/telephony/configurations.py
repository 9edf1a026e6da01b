"""Managing an organization's telephony configurations."""

from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Endpoint, Routes, delete, get, post, put, retyped
from functions.telephony.documents import (
    ConfigurationChanges,
    ConfigurationDocument,
    ConfigurationId,
    ConfigurationList,
    NewConfiguration,
    configuration_document,
)
from functions.telephony.provider_documents import of_providers
from functions.telephony.services import TelephonyServices
from offhook.organizations.model import ApiKey, Scope
from offhook.telephony.model import TelephonyConfiguration
from offhook.telephony.usecases import (
    add_configuration,
    make_default,
    update_configuration,
    verify_configuration,
)

_ALL = "/telephony-configurations"
_ONE = f"{_ALL}/{{configuration_id}}"


class ConfigurationRoutes(Routes[TelephonyServices]):
    """Lists, makes, shows, changes, removes and verifies telephony configurations."""

    tag = "telephony configurations"

    def __init__(self, services: TelephonyServices) -> None:
        super().__init__(services)
        self._documents = of_providers(dialect.credentials for dialect in services.dialects)

    def endpoint(self, name: str) -> Endpoint:
        """Return the method with the documents as the providers of this install have them."""
        return retyped(super().endpoint(name), self._documents)

    @get(_ALL, Scope.TELEPHONY_READ)
    def list_telephony_configurations(self, caller: Caller, paging: Paged) -> ConfigurationList:
        """List telephony configurations, the default one first."""
        configurations = self._services.telephony.list(caller.organization_id)
        this_list = (caller.organization_id, "telephony-configurations")
        return self._services.cursors.page(
            ConfigurationList, configurations, paging, of=this_list, show=self._document
        )

    @post(_ALL, Scope.TELEPHONY_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_telephony_configuration(
        self, body: NewConfiguration, caller: Caller, intent: NewThing
    ) -> ConfigurationDocument:
        """Store a way to the carrier."""
        services = self._services
        made = intent.made_before(partial(services.telephony.get, caller.organization_id))
        configuration = made or add_configuration(
            services.telephony,
            services.secret_box,
            caller.organization_id,
            services.dialects.of(body.provider).credentials,
            body.form(),
            configuration_id=intent.resource_id,
            now=services.clock(),
        )
        return self._document(configuration)

    @get(_ONE, Scope.TELEPHONY_READ)
    def get_telephony_configuration(
        self, configuration_id: ConfigurationId, caller: Caller
    ) -> ConfigurationDocument:
        """Show a telephony configuration, its secrets masked."""
        return self._document(self._find(caller, configuration_id))

    @put(_ONE, Scope.TELEPHONY_WRITE, problems=[HTTPStatus.CONFLICT])
    def update_telephony_configuration(
        self, configuration_id: ConfigurationId, body: ConfigurationChanges, caller: Caller
    ) -> ConfigurationDocument:
        """Change a telephony configuration; a masked secret stays as it is."""
        services, former = self._services, self._find(caller, configuration_id)
        fields = services.dialects.of(former.provider).credentials
        form = body.applied_to(former, fields)
        return self._document(
            update_configuration(
                services.telephony, services.secret_box, former, fields, form, services.clock()
            )
        )

    @delete(_ONE, Scope.TELEPHONY_WRITE, status=HTTPStatus.NO_CONTENT)
    def delete_telephony_configuration(self, configuration_id: ConfigurationId, caller: Caller) -> None:
        """Remove a telephony configuration with its phone numbers."""
        self._services.telephony.remove(self._find(caller, configuration_id))

    @post(f"{_ONE}/set-default", Scope.TELEPHONY_WRITE, problems=[HTTPStatus.CONFLICT])
    def set_default_telephony_configuration(
        self, configuration_id: ConfigurationId, caller: Caller
    ) -> ConfigurationDocument:
        """Have calls that name no configuration leave by this one."""
        services, configuration = self._services, self._find(caller, configuration_id)
        return self._document(make_default(services.telephony, configuration, services.clock()))

    @post(
        f"{_ONE}/verify",
        Scope.TELEPHONY_WRITE,
        problems=[HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS],
    )
    def verify_telephony_configuration(
        self, configuration_id: ConfigurationId, caller: Caller
    ) -> ConfigurationDocument:
        """Ask the carrier whether it accepts token and domain, and make the domain yours."""
        services, configuration = self._services, self._find(caller, configuration_id)
        return self._document(
            verify_configuration(
                services.telephony, services.secret_box, services.carrier, configuration, services.clock()
            )
        )

    def _find(self, caller: ApiKey, configuration_id: str) -> TelephonyConfiguration:
        return self._services.telephony.get(caller.organization_id, configuration_id)

    def _document(self, configuration: TelephonyConfiguration) -> ConfigurationDocument:
        fields = self._services.dialects.of(configuration.provider).credentials
        return configuration_document(configuration, fields)
