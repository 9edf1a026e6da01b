"""Keeping telephony configurations, and choosing the line that an outbound call leaves by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import choice

from offhook.errors import ConflictError, InvalidInputError, NotConfiguredError, NotFoundError
from offhook.ids import new_uuid
from offhook.telephony.credentials import CredentialFields
from offhook.telephony.form import ConfigurationForm, filled_in, seal_context
from offhook.telephony.model import OutboundProfile, PhoneNumber, TelephonyConfiguration
from offhook.telephony.ports import Carrier, CarrierAccount, SecretBox, TelephonyRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A configuration and the number of it that the callee will see."""

    configuration: TelephonyConfiguration
    number: PhoneNumber


def add_configuration(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    organization_id: str,
    fields: CredentialFields,
    form: ConfigurationForm,
    *,
    now: datetime,
    configuration_id: str | None = None,
) -> TelephonyConfiguration:
    """Store a configuration with its secrets sealed for this organization and configuration.

    Raises ConflictError `name-taken` or `domain-in-use`, InvalidInputError for what is no secret.
    """
    blank = TelephonyConfiguration(
        id=configuration_id or new_uuid(),
        organization_id=organization_id,
        name="",
        provider=fields.provider,
        account="",
        is_default=False,
        created_at=now,
    )
    configuration = filled_in(blank, fields, form, secret_box)
    _check_unused(telephony, configuration)
    telephony.add(configuration)
    return configuration


def update_configuration(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    former: TelephonyConfiguration,
    fields: CredentialFields,
    form: ConfigurationForm,
    now: datetime,
) -> TelephonyConfiguration:
    """Store what the form says; another account or secret must be verified anew.

    Raises what `add_configuration` raises, and ConflictError `changed-meanwhile`.
    """
    configuration = replace(filled_in(former, fields, form, secret_box), updated_at=now)
    _check_unused(telephony, configuration)
    if (configuration.account, configuration.secrets) != (former.account, former.secrets):
        configuration = replace(configuration, verified_at=None)
    telephony.update(configuration, former=former)
    return configuration


def verify_configuration(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    carrier: Carrier,
    configuration: TelephonyConfiguration,
    now: datetime,
) -> TelephonyConfiguration:
    """Ask the carrier whether it accepts account and secrets; if so the account is the organization's.

    Raises CarrierError when it does not, ConflictError `domain-taken` when the account is another organization's.
    """
    carrier.verify(open_account(secret_box, configuration))
    telephony.claim_account(configuration)
    verified = replace(configuration, verified_at=now, updated_at=now)
    telephony.update(verified, former=configuration)
    return verified


def make_default(
    telephony: TelephonyRepository, configuration: TelephonyConfiguration, now: datetime
) -> TelephonyConfiguration:
    """Have calls that name no configuration leave by this one."""
    default = replace(configuration, is_default=True, updated_at=now)
    telephony.update(default, former=configuration)
    return default


def open_account(secret_box: SecretBox, configuration: TelephonyConfiguration) -> CarrierAccount:
    """Return the configuration's account with its secrets in the clear."""
    context = seal_context(configuration)
    return CarrierAccount(
        provider=configuration.provider,
        name=configuration.account,
        secrets={name: secret_box.open(each.sealed, context) for name, each in configuration.secrets.items()},
    )


def open_webhook_key(secret_box: SecretBox, configuration: TelephonyConfiguration) -> str | None:
    """Return what the carrier shows with its webhooks, in the clear; None where that is not configured."""
    if configuration.webhook_key is None:
        return None
    return secret_box.open(configuration.webhook_key.sealed, seal_context(configuration))


def choose_line(
    profile: OutboundProfile, *, configuration_id: str | None = None, number_id: str | None = None
) -> Line:
    """Return the named configuration and number, else the defaults, else the first configuration and any number.

    Raises NotFoundError for an unknown configuration, InvalidInputError for a number that is not the
    configuration's, NotConfiguredError when the organization has no configuration or the configuration no number.
    """
    configuration = _configuration(profile.configurations, configuration_id)
    numbers = profile.numbers_of(configuration.id)
    return Line(configuration=configuration, number=_number(numbers, number_id))


def _check_unused(telephony: TelephonyRepository, configuration: TelephonyConfiguration) -> None:
    for other in telephony.list(configuration.organization_id):
        if other.id == configuration.id:
            continue
        if other.name == configuration.name:
            raise ConflictError(
                "Your organization has a telephony configuration of this name: choose another one.",
                code="name-taken",
            )
        if (other.provider, other.account) == (configuration.provider, configuration.account):
            # A call that comes in by the account could not tell which of the two it is for.
            raise ConflictError(
                "Your organization has a telephony configuration with this domain: change that one.",
                code="domain-in-use",
            )


def _configuration(
    configurations: Sequence[TelephonyConfiguration], configuration_id: str | None
) -> TelephonyConfiguration:
    if configuration_id is None:
        return _default(configurations)
    for configuration in configurations:
        if configuration.id == configuration_id:
            return configuration
    raise NotFoundError("There is no telephony configuration with this id in your organization.")


def _default(configurations: Sequence[TelephonyConfiguration]) -> TelephonyConfiguration:
    if not configurations:
        raise NotConfiguredError(
            "No telephony provider is configured: add a telephony configuration with a phone number first.",
            code="telephony-not-configured",
        )
    return next((each for each in configurations if each.is_default), configurations[0])


def _number(numbers: Sequence[PhoneNumber], number_id: str | None) -> PhoneNumber:
    if number_id is not None:
        return _named_number(numbers, number_id)
    if not numbers:
        raise NotConfiguredError(
            "The telephony configuration has no phone number to call from: add one first.",
            code="caller-number-not-configured",
        )
    return next((number for number in numbers if number.is_default_caller), None) or choice(numbers)


def _named_number(numbers: Sequence[PhoneNumber], number_id: str) -> PhoneNumber:
    for number in numbers:
        if number.id == number_id:
            return number
    raise InvalidInputError.at(
        "from_phone_number_id",
        msg="The telephony configuration has no such phone number.",
        code="from-phone-number-not-found",
    )
