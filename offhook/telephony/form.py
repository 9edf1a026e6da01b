"""What a person fills in to have a telephony configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from offhook.telephony.credentials import CredentialFields
from offhook.telephony.model import SealedSecret, TelephonyConfiguration
from offhook.telephony.ports import SecretBox
from offhook.telephony.secrets import check_new_secret, hint_of, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationForm:
    """What a person fills in; a secret is in the clear, or masked as it was shown and then unchanged.

    The credentials are the provider's fields by their names; one that may be left out is None then, or missing.
    """

    name: str
    is_default: bool
    credentials: Mapping[str, str | None] = field(repr=False)


def shown_form(configuration: TelephonyConfiguration, fields: CredentialFields) -> ConfigurationForm:
    """Return the form as it is filled in at present, its secrets masked."""
    key = configuration.webhook_key
    return ConfigurationForm(
        name=configuration.name,
        is_default=configuration.is_default,
        credentials={
            fields.account: configuration.account,
            **{name: mask(configuration.secrets[name].hint) for name in fields.secrets},
            **{name: configuration.options.get(name) for name in fields.options},
            fields.webhook_key: mask(key.hint) if key else None,
        },
    )


def filled_in(
    former: TelephonyConfiguration, fields: CredentialFields, form: ConfigurationForm, secret_box: SecretBox
) -> TelephonyConfiguration:
    """Return the configuration as the form has it, its secrets sealed; raise InvalidInputError for what is no secret."""

    def sealed(name: str, known: SealedSecret | None) -> SealedSecret | None:
        text = form.credentials.get(name)
        if text is None or (known is not None and text == mask(known.hint)):
            return known if text else None
        check_new_secret(text, name)
        return SealedSecret(sealed=secret_box.seal(text, seal_context(former)), hint=hint_of(text))

    secrets = {name: sealed(name, former.secrets.get(name)) for name in fields.secrets}
    options = {name: form.credentials.get(name) for name in fields.options}
    return replace(
        former,
        name=form.name,
        is_default=form.is_default,
        account=fields.normalise_account(form.credentials[fields.account] or ""),
        secrets={name: secret for name, secret in secrets.items() if secret is not None},
        webhook_key=sealed(fields.webhook_key, former.webhook_key),
        options={name: text for name, text in options.items() if text is not None},
    )


def seal_context(configuration: TelephonyConfiguration) -> dict[str, str]:
    """Return what a configuration's secrets are sealed for: copied to another row, one does not open there."""
    return {"organization": configuration.organization_id, "configuration": configuration.id}
