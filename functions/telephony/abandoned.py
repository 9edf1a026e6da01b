"""Calls that the carrier reports to be over while their runs go on: whose streamer is gone, their runs end here."""

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from functions.telephony.services import TelephonyServices
from offhook.errors import ConflictError, StorageError
from offhook.runs.model import Run

logger = logging.getLogger("offhook.http.carrier")


async def settle_if_abandoned(services: TelephonyServices, run: Run) -> None:
    """Settle a run whose call is over, unless its lease moves: then its streamer lives, and ends it by itself.

    A lease that has lapsed by our clock may be that of a streamer whose clock is behind, so it is looked at twice.
    """
    await asyncio.sleep(services.second_look_s)
    await run_in_threadpool(_settle_what_stands_still, services, run)


def _settle_what_stands_still(services: TelephonyServices, run: Run) -> None:
    latest = services.runs.get(run.organization_id, run.id)
    if latest.status.is_final or latest.ownership != run.ownership:
        return
    try:
        services.orphans.settle(latest)
    except (ConflictError, StorageError) as error:
        # It went on elsewhere meanwhile, or the reaper settles it.
        logger.warning("run not settled", extra={"run_id": run.id, "code": error.code})
