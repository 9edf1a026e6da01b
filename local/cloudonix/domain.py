"""What the simulated carrier knows of a domain beside its token."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from local.people.magic_numbers import FICTIONAL
from offhook.adapters.cloudonix.credentials import normalise_domain


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainProfile:
    """A domain: where its calls are answered, where its CDRs go, and the key that its requests carry."""

    name: str
    application_url: str | None = None
    """What answers a call to a number of the domain."""
    applications: Mapping[str, str] = field(default_factory=dict)
    """Addresses by the names that a dial may give."""
    cdr_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    dnids: tuple[str, ...] = ()
    """Numbers of the domain beside the fictional ones, of which it has each, so that one can be tried at once.

    A call to any other is let through all the same.
    """

    def has(self, number: str) -> bool:
        """Say whether a number is the domain's."""
        return number in self.dnids or number.startswith(FICTIONAL)

    def headers(self) -> dict[str, str]:
        """Return what every request to the domain's owner carries."""
        headers = {"User-Agent": "Cloudonix", "X-CX-Domain": self.name}
        if self.api_key:
            headers |= {"X-CX-APIKey": self.api_key, "Authorization": f"Bearer {self.api_key}"}
        return headers


class Domains:
    """The profiles of all domains; their owners change them over REST."""

    def __init__(self, profiles: Iterable[DomainProfile] = ()) -> None:
        self._profiles = {normalise_domain(profile.name): profile for profile in profiles}

    def profile(self, domain: str) -> DomainProfile:
        """Return a domain's profile; a domain of which nothing is known has an empty one."""
        name = normalise_domain(domain)
        return self._profiles.get(name, DomainProfile(name=name))

    def change(self, profile: DomainProfile) -> None:
        """Take this profile in place of the domain's former one."""
        self._profiles[profile.name] = profile
