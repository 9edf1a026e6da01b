"""What the aftercall function is made of."""

from dataclasses import dataclass

from offhook.ports import Ports
from offhook.runs.ending.callbacks import CallbackDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class AftercallServices:
    """Enough to deliver the callbacks of finished runs."""

    callbacks: CallbackDelivery


def make_services(ports: Ports) -> AftercallServices:
    """Compose them."""
    callbacks = CallbackDelivery(
        runs=ports.store.runs,
        ledgers=ports.store.ledgers,
        aftercalls=ports.aftercalls,
        courier=ports.courier,
        media=ports.media,
        clock=ports.clock,
        install_secret=ports.install_secret.current,
    )
    return AftercallServices(callbacks=callbacks)
