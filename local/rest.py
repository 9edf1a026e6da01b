"""All functions as one ASGI application: what CloudFront and the HTTP API put together on AWS."""

from dataclasses import dataclass

from fastapi import FastAPI

from functions.api_keys.routes import ApiKeysRoutes
from functions.api_keys.services import ApiKeysServices
from functions.http.app import create_app
from functions.http.pagination import Cursors
from functions.runs.routes import RunsRoutes
from functions.runs.services import RunsServices
from functions.telephony.routes import TelephonyRoutes
from functions.telephony.services import TelephonyServices
from functions.trigger.routes import TriggerRoutes
from functions.trigger.services import TriggerServices
from offhook.agents.ports import AgentRepository
from offhook.clock import Clock
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ports import EventLog, MediaStore, RunRepository
from offhook.runs.usecases import CallPlacer
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RestServices:
    """What all functions together are given."""

    organizations: OrganizationRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    runs: RunRepository
    events: EventLog
    media: MediaStore
    secret_box: SecretBox
    carrier: Carrier
    links: CarrierLinks
    cursors: Cursors
    clock: Clock


def create_rest(services: RestServices) -> FastAPI:
    """Make the application with every route below /api/v1, and with /healthz, /openapi.json and /docs."""
    routers = [
        TriggerRoutes(_trigger(services)).router(),
        RunsRoutes(_runs(services)).router(),
        ApiKeysRoutes(_api_keys(services)).router(),
        TelephonyRoutes(_telephony(services)).router(),
    ]
    return create_app("Offhook", routers, is_published=True)


def _trigger(services: RestServices) -> TriggerServices:
    placer = CallPlacer(
        runs=services.runs,
        telephony=services.telephony,
        secret_box=services.secret_box,
        carrier=services.carrier,
        links=services.links,
    )
    return TriggerServices(
        organizations=services.organizations, clock=services.clock, agents=services.agents, placer=placer
    )


def _runs(services: RestServices) -> RunsServices:
    return RunsServices(
        organizations=services.organizations,
        clock=services.clock,
        agents=services.agents,
        runs=services.runs,
        events=services.events,
        media=services.media,
        cursors=services.cursors,
    )


def _api_keys(services: RestServices) -> ApiKeysServices:
    return ApiKeysServices(
        organizations=services.organizations, clock=services.clock, cursors=services.cursors
    )


def _telephony(services: RestServices) -> TelephonyServices:
    return TelephonyServices(runs=services.runs, links=services.links, clock=services.clock)
