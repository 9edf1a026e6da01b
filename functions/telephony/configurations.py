"""Managing an organization's telephony configurations."""

from functools import partial
from http import HTTPStatus

from fastapi import APIRouter

from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
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

_PATH = "/telephony-configurations"


class ConfigurationRoutes:
    """Lists, makes, shows, changes, removes and verifies telephony configurations."""

    def __init__(self, services: TelephonyServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="telephony configurations")
        routes.add(
            "GET",
            _PATH,
            self.list_configurations,
            scope=Scope.TELEPHONY_READ,
            operation_id="listTelephonyConfigurations",
            summary="List telephony configurations, the default one first",
        )
        routes.add(
            "POST",
            _PATH,
            self.create,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="createTelephonyConfiguration",
            summary="Store a way to the carrier",
            status=HTTPStatus.CREATED,
            new_id=some_uuid,
        )
        routes.add(
            "GET",
            f"{_PATH}/{{configuration_id}}",
            self.show,
            scope=Scope.TELEPHONY_READ,
            operation_id="getTelephonyConfiguration",
            summary="Show a telephony configuration, its secrets masked",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "PUT",
            f"{_PATH}/{{configuration_id}}",
            self.update,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="updateTelephonyConfiguration",
            summary="Change a telephony configuration; a masked secret stays as it is",
            problems=[HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT],
        )
        routes.add(
            "DELETE",
            f"{_PATH}/{{configuration_id}}",
            self.remove,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="deleteTelephonyConfiguration",
            summary="Remove a telephony configuration with its phone numbers",
            status=HTTPStatus.NO_CONTENT,
            problems=[HTTPStatus.NOT_FOUND],
        )
        self._add_actions(routes)
        return routes.router

    def _add_actions(self, routes: Routes) -> None:
        routes.add(
            "POST",
            f"{_PATH}/{{configuration_id}}/set-default",
            self.set_default,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="setDefaultTelephonyConfiguration",
            summary="Have calls that name no configuration leave by this one",
            problems=[HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT],
        )
        routes.add(
            "POST",
            f"{_PATH}/{{configuration_id}}/verify",
            self.verify,
            scope=Scope.TELEPHONY_WRITE,
            operation_id="verifyTelephonyConfiguration",
            summary="Ask the carrier whether it accepts token and domain, and make the domain yours",
            problems=[
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.CONFLICT,
                HTTPStatus.TOO_MANY_REQUESTS,
            ],
        )

    def list_configurations(
        self, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> ConfigurationList:
        configurations = self._services.telephony.list(caller.organization_id)
        this_list = (caller.organization_id, "telephony-configurations")
        items, next_cursor = self._services.cursors.page(
            configurations, cursor, limit, of=this_list, show=configuration_document
        )
        return ConfigurationList(items=items, next_cursor=next_cursor)

    def create(self, body: NewConfiguration, caller: Caller, intent: NewThing) -> ConfigurationDocument:
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

    def show(self, configuration_id: ConfigurationId, caller: Caller) -> ConfigurationDocument:
        return configuration_document(self._find(caller, configuration_id))

    def update(
        self, configuration_id: ConfigurationId, body: ConfigurationChanges, caller: Caller
    ) -> ConfigurationDocument:
        services, former = self._services, self._find(caller, configuration_id)
        form = body.applied_to(former)
        return configuration_document(
            update_configuration(services.telephony, services.secret_box, former, form, services.clock())
        )

    def remove(self, configuration_id: ConfigurationId, caller: Caller) -> None:
        self._services.telephony.remove(self._find(caller, configuration_id))

    def set_default(self, configuration_id: ConfigurationId, caller: Caller) -> ConfigurationDocument:
        services, configuration = self._services, self._find(caller, configuration_id)
        return configuration_document(make_default(services.telephony, configuration, services.clock()))

    def verify(self, configuration_id: ConfigurationId, caller: Caller) -> ConfigurationDocument:
        services, configuration = self._services, self._find(caller, configuration_id)
        return configuration_document(
            verify_configuration(
                services.telephony, services.secret_box, services.carrier, configuration, services.clock()
            )
        )

    def _find(self, caller: ApiKey, configuration_id: str) -> TelephonyConfiguration:
        return self._services.telephony.get(caller.organization_id, configuration_id)
