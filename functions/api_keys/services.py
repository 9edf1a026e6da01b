"""What the API key function is made of."""

from functions.http.services import HttpServices, http_parts
from offhook.ports import Ports


def make_services(ports: Ports) -> HttpServices:
    """Compose them: no more than every function has."""
    return HttpServices(**http_parts(ports))
