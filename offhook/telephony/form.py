"""What a person fills in to have a telephony configuration."""

from dataclasses import dataclass

from offhook.telephony.model import TelephonyConfiguration
from offhook.telephony.secrets import mask


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationForm:
    """What a person fills in; a secret is in the clear, or masked as it was shown and then unchanged."""

    name: str
    cloudonix_domain: str
    bearer_token: str
    application_name: str | None
    webhook_api_key: str | None
    is_default: bool

    def __repr__(self) -> str:
        return f"ConfigurationForm({self.name})"


def shown_form(configuration: TelephonyConfiguration) -> ConfigurationForm:
    """Return the form as it is filled in at present, its secrets masked."""
    has_webhook_api_key = configuration.sealed_webhook_api_key is not None
    return ConfigurationForm(
        name=configuration.name,
        cloudonix_domain=configuration.cloudonix_domain,
        bearer_token=mask(configuration.bearer_token_hint),
        application_name=configuration.application_name,
        webhook_api_key=mask(configuration.webhook_api_key_hint) if has_webhook_api_key else None,
        is_default=configuration.is_default,
    )
