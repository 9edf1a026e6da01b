"""Tokens of the session socket: made for one session and five minutes, and nothing else opens it."""

import base64
import json
import warnings
from datetime import timedelta
from typing import Any

import jwt
import pytest
from jwt.warnings import InsecureKeyLengthWarning

from offhook.errors import UnauthenticatedError
from offhook.sessions.tokens import LIFE, SessionTokens, TokenScope
from tests.support.makers import NOON, make_run

SECRET = "a-secret-for-tests-of-32-characters"
TOKENS = SessionTokens(SECRET)
RUN = make_run("acme")


def refused(token: str, session_id: str = RUN.session_id, tokens: SessionTokens = TOKENS) -> str:
    with pytest.raises(UnauthenticatedError) as refusal:
        tokens.verify(token, session_id, NOON)
    return refusal.value.detail


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("scope", list(TokenScope))
def test_a_token_tells_the_organization_and_what_its_client_may_do(scope: TokenScope) -> None:
    grant = TOKENS.verify(TOKENS.mint(RUN, scope, NOON), RUN.session_id, NOON)
    assert (grant.organization_id, grant.scope) == ("acme", scope)


def test_a_token_is_good_for_five_minutes() -> None:
    token = TOKENS.mint(RUN, TokenScope.OPERATE, NOON)
    TOKENS.verify(token, RUN.session_id, NOON + LIFE - timedelta(seconds=1))
    with pytest.raises(UnauthenticatedError, match="expired"):
        TOKENS.verify(token, RUN.session_id, NOON + LIFE)


def test_a_token_of_another_session_is_refused() -> None:
    assert "another session" in refused(TOKENS.mint(make_run("acme"), TokenScope.OPERATE, NOON))


def test_a_token_that_another_install_has_signed_is_refused() -> None:
    other = SessionTokens("another-secret-for-tests-of-32-char")
    assert "not made by this install" in refused(other.mint(RUN, TokenScope.OPERATE, NOON))


def test_a_token_that_allows_what_this_version_does_not_know_is_refused() -> None:
    newer: Any = "whisper"
    assert "does not know" in refused(TOKENS.mint(RUN, newer, NOON))


def test_the_install_secret_itself_signs_no_token() -> None:
    claims = claims_of(TOKENS.mint(RUN, TokenScope.OPERATE, NOON))
    refused(jwt.encode(claims, SECRET, algorithm="HS256"))


def test_a_secret_that_is_being_replaced_still_verifies() -> None:
    token = TOKENS.mint(RUN, TokenScope.OBSERVE, NOON)
    replaced = SessionTokens("the-next-secret-of-more-than-32-chars", [SECRET])
    assert replaced.verify(token, RUN.session_id, NOON).scope is TokenScope.OBSERVE


def test_a_token_without_a_signature_is_refused() -> None:
    claims = claims_of(TOKENS.mint(RUN, TokenScope.OPERATE, NOON))
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert unsigned.endswith(".")
    refused(unsigned)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused(algorithm: str) -> None:
    claims = claims_of(TOKENS.mint(RUN, TokenScope.OPERATE, NOON))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        other = jwt.encode(claims, TOKENS._keys[0], algorithm=algorithm)
    refused(other)


def test_a_raised_scope_breaks_the_signature() -> None:
    head, claims, signature = TOKENS.mint(RUN, TokenScope.OBSERVE, NOON).split(".")
    raised = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"scope": "operate"}
    claims = base64.urlsafe_b64encode(json.dumps(raised).encode()).decode().rstrip("=")
    refused(f"{head}.{claims}.{signature}")


@pytest.mark.parametrize("missing", ["session", "organization", "scope", "exp"])
def test_a_token_that_says_too_little_is_refused(missing: str) -> None:
    claims = claims_of(TOKENS.mint(RUN, TokenScope.OPERATE, NOON))
    del claims[missing]
    refused(jwt.encode(claims, TOKENS._keys[0], algorithm="HS256"))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 100_000, "\ud800"])
def test_any_other_text_is_refused(text: str) -> None:
    refused(text)
