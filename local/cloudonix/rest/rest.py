"""The simulated carrier's REST API, in the carrier's own words."""

from collections.abc import Callable, Mapping
from time import monotonic

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from local.cloudonix.domain import Domains
from local.cloudonix.rest.call_routes import CallRoutes
from local.cloudonix.rest.domain_routes import DomainRoutes
from local.cloudonix.rest.doorkeeper import Doorkeeper
from local.cloudonix.rest.simulator_routes import SimulatorRoutes
from local.cloudonix.rest.switchboard import Switchboard


def create_api(
    switchboard: Switchboard,
    accounts: Mapping[str, str],
    *,
    domains: Domains | None = None,
    clock: Callable[[], float] = monotonic,
) -> FastAPI:
    """Make the API; `accounts` maps domains to their bearer tokens."""
    app = FastAPI(title="Simulated Cloudonix", openapi_url=None)
    app.add_exception_handler(RequestValidationError, _bad_request)
    doorkeeper = Doorkeeper(accounts, clock=clock)
    domains = domains or Domains()
    simulator = SimulatorRoutes(switchboard, domains)
    admitted = [Depends(doorkeeper.admit)]
    app.include_router(CallRoutes(switchboard, domains).router(), dependencies=admitted)
    app.include_router(DomainRoutes(domains).router(), dependencies=admitted)
    # What the real carrier has not got takes nothing of the ten requests.
    app.include_router(simulator.router(), dependencies=[Depends(doorkeeper.recognise)])
    app.include_router(simulator.voice_application())
    return app


async def _bad_request(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "The body lacks a field or has one of a wrong type."}, status_code=400)
