"""A carrier of nobody's: all in memory, with words of its own, made as `offhook/telephony/providers.py` asks for it."""

from offhook.settings import Settings
from offhook.telephony.pace import RequestPace
from tests.support.pigeon.dialect import PigeonDialect
from tests.support.pigeon.loft import LOFT, Loft

dialect = PigeonDialect
pace = RequestPace(requests=20, window_seconds=5)


def connect(_: Settings) -> Loft:
    """Return what asks the carrier: the one of this process."""
    return LOFT
