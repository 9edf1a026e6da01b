"""Accounts and configurations at Cloudonix."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from offhook.adapters.carriers.by_provider import CarriersByProvider
from offhook.adapters.cloudonix.credentials import CREDENTIALS, PROVIDER, normalise_domain
from offhook.ids import new_uuid
from offhook.telephony.form import ConfigurationForm
from offhook.telephony.model import SealedSecret, TelephonyConfiguration
from offhook.telephony.ports import Carrier, CarrierAccount, SecretBox, TelephonyRepository
from offhook.telephony.usecases import add_configuration
from tests.support.makers import NOON


def make_account(domain: str, bearer_token: str) -> CarrierAccount:
    return CarrierAccount(
        provider="cloudonix", name=normalise_domain(domain), secrets={"bearer_token": bearer_token}
    )


def carriers_of(client: Carrier) -> CarriersByProvider:
    """Return the carriers of an install that has this one alone."""
    return CarriersByProvider({PROVIDER: lambda: client})


def make_configuration(organization_id: str = "acme", **changes: Any) -> TelephonyConfiguration:
    """Return a configuration that is stored nowhere."""
    configuration = TelephonyConfiguration(
        id=new_uuid(),
        organization_id=organization_id,
        name="main",
        provider="cloudonix",
        account=f"{organization_id}.cloudonix.net",
        secrets={"bearer_token": SealedSecret(sealed="sealed")},
        is_default=False,
        created_at=NOON,
    )
    return replace(configuration, **changes)


def add_cloudonix(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    organization_id: str,
    *,
    domain: str,
    bearer_token: str,
    now: datetime = NOON,
) -> TelephonyConfiguration:
    """Store an organization's default configuration."""
    credentials = {"domain_id": domain, "bearer_token": bearer_token}
    form = ConfigurationForm(name="main", is_default=True, credentials=credentials)
    return add_configuration(telephony, secret_box, organization_id, CREDENTIALS, form, now=now)
