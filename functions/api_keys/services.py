"""What the API key function is given."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeysServices(HttpServices):
    """Enough to manage an organization's keys."""

    cursors: Cursors
