"""Managing an organization's telephony configurations."""

from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from functions.http.routing import Routes, delete, get, post, put
from functions.telephony.documents import (
    ConfigurationChanges,
    ConfigurationDocument,
    ConfigurationId,
    ConfigurationList,
    NewConfiguration,
    configuration_document,
)
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

    @get(_ALL, Scope.TELEPHONY_READ)
    def list_telephony_configurations(
        self, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> ConfigurationList:
        """List telephony configurations, the default one first."""
        configurations = self._services.telephony.list(caller.organization_id)
        this_list = (caller.organization_id, "telephony-configurations")
        items, next_cursor = self._services.cursors.page(
            configurations, cursor, limit, of=this_list, show=configuration_document
        )
        return ConfigurationList(items=items, next_cursor=next_cursor)

    @post(_ALL, Scope.TELEPHONY_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_telephony_configuration(
        self, body: NewConfiguration, caller: Caller, intent: NewThing
    ) -> ConfigurationDocument:
        """Store a way to the carrier."""
        services, credentials = self._services, body.credentials
        made = intent.made_before(partial(services.telephony.get, caller.organization_id))
        configuration = made or add_configuration(
            services.telephony,
            services.secret_box,
            caller.organization_id,
            configuration_id=intent.resource_id,
            name=body.name,
            cloudonix_domain=credentials.domain_id,
            bearer_token=credentials.bearer_token,
            application_name=credentials.application_name,
            webhook_api_key=credentials.webhook_api_key,
            is_default=body.is_default,
            now=services.clock(),
        )
        return configuration_document(configuration)

    @get(_ONE, Scope.TELEPHONY_READ)
    def get_telephony_configuration(
        self, configuration_id: ConfigurationId, caller: Caller
    ) -> ConfigurationDocument:
        """Show a telephony configuration, its secrets masked."""
        return configuration_document(self._find(caller, configuration_id))

    @put(_ONE, Scope.TELEPHONY_WRITE, problems=[HTTPStatus.CONFLICT])
    def update_telephony_configuration(
        self, configuration_id: ConfigurationId, body: ConfigurationChanges, caller: Caller
    ) -> ConfigurationDocument:
        """Change a telephony configuration; a masked secret stays as it is."""
        services, former = self._services, self._find(caller, configuration_id)
        form = body.applied_to(former)
        return configuration_document(
            update_configuration(services.telephony, services.secret_box, former, form, services.clock())
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
        return configuration_document(make_default(services.telephony, configuration, services.clock()))

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
        return configuration_document(
            verify_configuration(
                services.telephony, services.secret_box, services.carrier, configuration, services.clock()
            )
        )

    def _find(self, caller: ApiKey, configuration_id: str) -> TelephonyConfiguration:
        return self._services.telephony.get(caller.organization_id, configuration_id)
