"""The REST API's routes about a domain: where its calls are answered, where its CDRs go, and its numbers."""

from dataclasses import replace
from uuid import NAMESPACE_DNS, uuid5

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from local.cloudonix.domain import Domains
from offhook.json_types import JsonObject, JsonValue

_DOMAIN = "/customers/self/domains/{domain}"


class ProfileBody(BaseModel):
    """The fields of the real domain profile that have an effect here; what is left out stays."""

    cdr_endpoint: str | None = Field(
        default=None, alias="cdr-endpoint", pattern="^https?://", max_length=2_000
    )
    authorization_api_key: str | None = Field(default=None, alias="authorization-api-key", max_length=200)


class DomainBody(BaseModel):
    """What can be changed of a domain."""

    profile: ProfileBody = Field(default_factory=ProfileBody)
    default_application: str | None = Field(default=None, alias="defaultApplication", max_length=64)


class ApplicationBody(BaseModel):
    """A voice application: an address that answers with CXML."""

    name: str = Field(min_length=1, max_length=64)
    url: str = Field(pattern="^https?://", max_length=2_000)


class DnidBody(BaseModel):
    """A number that is the domain's."""

    source: str = Field(min_length=1, max_length=400)


class DomainRoutes:
    """What each request does, once it is admitted."""

    def __init__(self, domains: Domains) -> None:
        self._domains = domains

    def router(self) -> APIRouter:
        router = APIRouter()
        for path, endpoint, methods in (
            (_DOMAIN, self.show, ["GET"]),
            (_DOMAIN, self.change, ["PUT", "PATCH"]),
            (f"{_DOMAIN}/applications", self.list_applications, ["GET"]),
            (f"{_DOMAIN}/applications", self.add_application, ["POST"]),
            (f"{_DOMAIN}/dnids", self.list_dnids, ["GET"]),
            (f"{_DOMAIN}/dnids", self.add_dnid, ["POST"]),
            (f"{_DOMAIN}/dnids/{{number}}", self.show_dnid, ["GET"]),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def show(self, domain: str) -> JsonObject:
        profile = self._domains.profile(domain)
        return {
            "uuid": str(uuid5(NAMESPACE_DNS, profile.name)),
            "domain": profile.name,
            "active": True,
            "profile": {"cdr-endpoint": profile.cdr_url},
        }

    async def change(self, domain: str, body: DomainBody) -> JsonObject:
        profile, given = self._domains.profile(domain), body.profile
        url = profile.application_url
        if body.default_application is not None:
            url = profile.applications.get(body.default_application)
            if url is None:
                raise HTTPException(400, "The domain has no such application.")
        self._domains.change(
            replace(
                profile,
                application_url=url,
                cdr_url=given.cdr_endpoint or profile.cdr_url,
                api_key=given.authorization_api_key or profile.api_key,
            )
        )
        return await self.show(domain)

    async def list_applications(self, domain: str) -> list[JsonValue]:
        return [_application(name, url) for name, url in self._domains.profile(domain).applications.items()]

    async def add_application(self, domain: str, body: ApplicationBody) -> JsonObject:
        profile = self._domains.profile(domain)
        self._domains.change(replace(profile, applications={**profile.applications, body.name: body.url}))
        return _application(body.name, body.url)

    async def list_dnids(self, domain: str) -> list[JsonValue]:
        return [_dnid(number) for number in self._domains.profile(domain).dnids]

    async def add_dnid(self, domain: str, body: DnidBody) -> JsonObject:
        profile = self._domains.profile(domain)
        self._domains.change(replace(profile, dnids=tuple(dict.fromkeys((*profile.dnids, body.source)))))
        return _dnid(body.source)

    async def show_dnid(self, domain: str, number: str) -> JsonObject:
        if not self._domains.profile(domain).has(number):
            raise HTTPException(404, "DNID not found")
        return _dnid(number)


def _application(name: str, url: str) -> JsonObject:
    return {"name": name, "type": "cxml", "url": url, "method": "POST", "active": True}


def _dnid(number: str) -> JsonObject:
    return {"source": number, "prefix": False, "expression": False, "active": True}
