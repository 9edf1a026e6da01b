"""Offline speech as engines of this process."""

from offhook.errors import NotConfiguredError
from offhook.settings import Settings
from streamer.speech.embedded.offline import OfflineRecogniser, OfflineSynthesiser


def make_recogniser(settings: Settings) -> OfflineRecogniser:
    """Return the recogniser; raise NotConfiguredError."""
    return OfflineRecogniser(_needed(settings.recogniser_url, "RECOGNISER_URL"))


def make_synthesiser(settings: Settings, _quotas: object = None) -> OfflineSynthesiser:
    """Return the synthesiser; raise NotConfiguredError."""
    return OfflineSynthesiser(_needed(settings.synthesiser_url, "SYNTHESISER_URL"))


def _needed(url: str, name: str) -> str:
    if not url:
        raise NotConfiguredError(f"Set OFFHOOK_{name}: the streamer cannot take calls without it.")
    return url
