"""What the aftercall function is made of."""

from offhook.ports import Ports
from offhook.runs.ending.callbacks import CallbackDelivery


def make_services(ports: Ports) -> CallbackDelivery:
    """Compose what delivers the callbacks of finished runs."""
    return CallbackDelivery(
        runs=ports.store.runs,
        ledgers=ports.store.ledgers,
        aftercalls=ports.aftercalls,
        courier=ports.courier,
        media=ports.media,
        clock=ports.clock,
        install_secret=ports.install_secret.current,
    )
