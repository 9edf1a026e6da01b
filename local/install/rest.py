"""All functions as one ASGI application: what CloudFront and the HTTP API put together on AWS."""

from dataclasses import dataclass, field

from fastapi import FastAPI

from functions.agents.routes import AgentsRoutes
from functions.agents.services import AgentsServices
from functions.api_keys.routes import ApiKeysRoutes
from functions.api_keys.services import ApiKeysServices
from functions.docs.routes import DocsRoutes
from functions.http.app import create_app
from functions.http.pagination import Cursors
from functions.organization.routes import organization_routers
from functions.organization.services import OrganizationServices
from functions.runs.routes import RunsRoutes
from functions.runs.services import RunsServices
from functions.telephony.app import routers as telephony_routers
from functions.telephony.services import TelephonyServices
from functions.trigger.routes import TriggerRoutes
from functions.trigger.services import TriggerServices
from offhook.adapters.dynamodb.store import Store
from offhook.addresses import AddressPolicy
from offhook.clock import Clock
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.incoming import CallTaker
from offhook.runs.ending.ender import RunEnder
from offhook.runs.placing.dialing import Dialing
from offhook.runs.placing.placer import CallPlacer
from offhook.runs.placing.queued import QueuedCalls
from offhook.runs.ports import MediaStore
from offhook.runs.queues import WorkQueue
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import Carrier, SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class RestServices:
    """What all functions together are given."""

    store: Store
    media: MediaStore
    secret_box: SecretBox
    carrier: Carrier
    dialects: Dialects
    dials: WorkQueue
    aftercalls: WorkQueue
    addresses: AddressPolicy
    links: CarrierLinks
    cursors: Cursors
    clock: Clock
    public_base_url: str
    install_secret: str = field(repr=False)

    @property
    def ender(self) -> RunEnder:
        """What ends runs."""
        store = self.store
        return RunEnder(runs=store.runs, ledgers=store.ledgers, aftercalls=self.aftercalls, clock=self.clock)

    @property
    def placer(self) -> CallPlacer:
        """What places calls."""
        return CallPlacer(
            runs=self.store.runs,
            ledgers=self.store.ledgers,
            ender=self.ender,
            dials=self.dials,
            pace=self.store.pace,
            telephony=self.store.telephony,
            secret_box=self.secret_box,
            carrier=self.carrier,
            links=self.links,
            addresses=self.addresses,
        )

    @property
    def queued_calls(self) -> QueuedCalls:
        """What dials the runs that wait for it."""
        return QueuedCalls(
            runs=self.store.runs,
            ledgers=self.store.ledgers,
            ender=self.ender,
            dials=self.dials,
            pace=self.store.pace,
            agents=self.store.agents,
            telephony=self.store.telephony,
            secret_box=self.secret_box,
            dialing=Dialing(runs=self.store.runs, carrier=self.carrier, links=self.links),
        )


def create_rest(services: RestServices) -> FastAPI:
    """Make the application with every route below /api/v1, and with /healthz, /openapi.json and /docs."""
    routers = [
        TriggerRoutes(_trigger(services)).router(),
        RunsRoutes(_runs(services)).router(),
        AgentsRoutes(_agents(services)).router(),
        ApiKeysRoutes(_api_keys(services)).router(),
        *telephony_routers(_telephony(services)),
        *organization_routers(_organization(services)),
    ]
    app = create_app("Offhook", routers)
    app.include_router(DocsRoutes(app.openapi).router())
    return app


def _trigger(services: RestServices) -> TriggerServices:
    store = services.store
    return TriggerServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        agents=store.agents,
        placer=services.placer,
    )


def _runs(services: RestServices) -> RunsServices:
    store = services.store
    return RunsServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        agents=store.agents,
        telephony=store.telephony,
        secret_box=services.secret_box,
        carrier=services.carrier,
        runs=store.runs,
        events=store.events,
        media=services.media,
        audit=store.audit,
        ender=services.ender,
        cursors=services.cursors,
    )


def _agents(services: RestServices) -> AgentsServices:
    store = services.store
    return AgentsServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        agents=store.agents,
        cursors=services.cursors,
        public_base_url=services.public_base_url,
    )


def _api_keys(services: RestServices) -> ApiKeysServices:
    store = services.store
    return ApiKeysServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        cursors=services.cursors,
    )


def _telephony(services: RestServices) -> TelephonyServices:
    store = services.store
    return TelephonyServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        agents=store.agents,
        telephony=store.telephony,
        secret_box=services.secret_box,
        carrier=services.carrier,
        dialects=services.dialects,
        cursors=services.cursors,
        runs=store.runs,
        ender=services.ender,
        taker=CallTaker(runs=store.runs, ledgers=store.ledgers, organizations=store.organizations),
        links=services.links,
    )


def _organization(services: RestServices) -> OrganizationServices:
    store = services.store
    return OrganizationServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=services.clock,
        tools=store.tools,
        credentials=store.credentials,
        secret_box=services.secret_box,
        addresses=services.addresses,
        cursors=services.cursors,
        install_secret=services.install_secret,
    )
