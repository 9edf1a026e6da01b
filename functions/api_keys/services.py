"""What the API key function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.organizations.sign_in import SignInCodes
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeysServices(HttpServices):
    """Enough to manage keys, and to hand one to a browser."""

    sign_in_codes: SignInCodes


def make_services(ports: Ports) -> ApiKeysServices:
    """Compose them."""
    return ApiKeysServices(**http_parts(ports), sign_in_codes=ports.store.sign_in_codes)
