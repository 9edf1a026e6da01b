"""Settles the calls of a killed install at the next start: the simulated carrier has ended with it, so none has survived."""

from offhook.runs.reaping.orphans import OrphanSettler


def settle_orphans(settler: OrphanSettler) -> None:
    """Settle the live runs of every organization at once, whatever their leases say."""
    for ledger in settler.ender.ledgers.all():
        settler.settle_all(ledger.organization_id)
