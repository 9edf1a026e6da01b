"""The addresses that we hand to the carrier for one run, each carrying a token that only we can make."""

import re
from collections.abc import Sequence

from offhook.errors import UnauthenticatedError
from offhook.signing import Signer

API_PATH = "/api/v1"

# Canonical decimals only: one run and one stream number have exactly one spelling. 16 digits reach 2^53.
_TRANSFER_TOKEN = re.compile(r"([1-9][0-9]{0,15})-([1-9][0-9]{0,3})\.([A-Za-z0-9_-]{32})", re.ASCII)
_NUMBERED_TOKEN = re.compile(r"([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{32})", re.ASCII)


class CarrierLinks:
    """Makes and reads the signed addresses of runs; a token of one purpose opens no other."""

    def __init__(self, public_base_url: str, install_secret: str, others: Sequence[str] = ()) -> None:
        self._http_base = public_base_url.rstrip("/") + API_PATH
        # http -> ws and https -> wss.
        self._ws_base = re.sub(r"^http", "ws", self._http_base)
        self._media = Signer(install_secret, "media", others)
        self._continue = Signer(install_secret, "continue", others)
        self._status = Signer(install_secret, "status-callback", others)
        self._transfer = Signer(install_secret, "transfer-result", others)

    def media_url(self, run_id: int, stream_number: int) -> str:
        """Return the WebSocket address of one media stream of a run."""
        signature = self._media.sign(f"{run_id}:{stream_number}")
        return f"{self._ws_base}/telephony/ws/{run_id}/{stream_number}.{signature}"

    def media_stream_number(self, run_id: int, token: str) -> int:
        """Return the stream number that a media token is for; raise UnauthenticatedError for any other text."""
        number, signature = _split(token)
        return _checked(number, self._media.verify(f"{run_id}:{number}", signature))

    def continue_url(self, run_id: int) -> str:
        """Return where the carrier asks what to do when a media stream has ended."""
        return f"{self._http_base}/telephony/continue/{run_id}.{self._continue.sign(str(run_id))}"

    def continued_run_id(self, token: str) -> int:
        """Return the run that a continue token is for; raise UnauthenticatedError for any other text."""
        run_id, signature = _split(token)
        return _checked(run_id, self._continue.verify(str(run_id), signature))

    def status_callback_url(self, provider: str, run_id: int) -> str:
        """Return where the provider reports the progress of a dial."""
        token = f"{run_id}.{self._status.sign(str(run_id))}"
        return f"{self._http_base}/telephony/{provider}/status-callback/{token}"

    def status_run_id(self, token: str) -> int:
        """Return the run that a status callback token is for; raise UnauthenticatedError for any other text."""
        run_id, signature = _split(token)
        return _checked(run_id, self._status.verify(str(run_id), signature))

    def transfer_result_url(self, provider: str, run_id: int, number: int) -> str:
        """Return where the provider tells what becomes of one transfer of a run; `number` counts them from 1."""
        name = f"{run_id}-{number}"
        return f"{self._http_base}/telephony/{provider}/transfer-result/{name}.{self._transfer.sign(name)}"

    def transfer_of(self, token: str) -> tuple[int, int]:
        """Return the run and the number of the transfer that a token is for.

        Raises UnauthenticatedError for any other text.
        """
        match = _TRANSFER_TOKEN.fullmatch(token)
        if match is None:
            raise _not_ours()
        run_id, number = int(match[1]), int(match[2])
        return _checked(run_id, self._transfer.verify(f"{run_id}-{number}", match[3])), number


def _split(token: str) -> tuple[int, str]:
    match = _NUMBERED_TOKEN.fullmatch(token)
    if match is None:
        raise _not_ours()
    return int(match[1]), match[2]


def _checked(number: int, is_ours: bool) -> int:
    if not is_ours:
        raise _not_ours()
    return number


def _not_ours() -> UnauthenticatedError:
    return UnauthenticatedError("This address was not made by this install.", code="invalid-token")
