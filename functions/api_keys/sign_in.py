"""Who a key is, and signing in elsewhere by a code in place of the key."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, Field

from functions.api_keys.services import ApiKeysServices
from functions.http.authentication import Caller, presented_key
from functions.http.open_routes import OpenPost
from functions.http.routing import Routes, get, post
from functions.http.secrets import MintedReply
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.organizations.model import Scope
from offhook.organizations.sign_in import make_code, redeem_code

_CODE = "0vB1m0bUO1H3S0WqXyJ8yB4nC7dQ2eLkR5tGzA9fPxY"


class Me(BaseModel):
    """Whose key it is that asks, and what it may do."""

    model_config = examples(
        {
            "organization_id": "maple-street",
            "key_id": "0b0f6f3c-6f2b-4d57-9a56-0f3d6f8f2f11",
            "name": "crm",
            "key_prefix": "dg_Zk3vQ",
            "scopes": ["calls:write", "runs:read"],
        }
    )

    organization_id: str
    key_id: str
    name: str
    key_prefix: str
    scopes: list[Scope]


class NewSignInCode(MintedReply):
    """A code that signs somebody in with the key that asked."""

    model_config = examples({"code": _CODE, "expires_at": "2026-03-02T09:31:00.000Z"})

    code: str = Field(description="Good once. It is no part of any address that a server sees.")
    expires_at: Instant = Field(description="A minute from now.")


class SignIn(GivenDocument):
    """The code of whoever signs in."""

    model_config = examples({"code": _CODE})

    code: Annotated[str, Field(min_length=1, max_length=100)]


class SignedIn(BaseModel):
    """The key that the code stood for."""

    model_config = examples({"api_key": "dg_Zk3vQ0c7mB1x9TtWb4uYH2sLq8nRfJ6pVdEaKgXoCiM"})

    api_key: str


class SignInRoutes(Routes[ApiKeysServices]):
    """Tells a key what it is, and lets a browser have it."""

    tag = "api-keys"

    @get("/user/me", None)
    def get_me(self, caller: Caller) -> Me:
        """Tell whose key this is, and what it may do."""
        return Me.model_validate(parts_of(caller) | {"key_id": caller.id, "scopes": sorted(caller.scopes)})

    @post("/user/sign-in-codes", None)
    def create_sign_in_code(self, request: Request) -> NewSignInCode:
        """Make a code that signs a browser in with this key: once, within a minute."""
        services = self._services
        code, expires_at = make_code(services.sign_in_codes, presented_key(request) or "", services.clock())
        return NewSignInCode(code=code, expires_at=expires_at)

    @OpenPost("/user/sign-ins")
    def sign_in(self, body: SignIn, response: Response) -> SignedIn:
        """Take the key that a code stands for; the code is good once."""
        services = self._services
        response.headers["Cache-Control"] = "no-store"
        key = redeem_code(services.sign_in_codes, services.organizations, body.code, services.clock())
        return SignedIn(api_key=key)
