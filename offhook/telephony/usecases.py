"""Keeping telephony configurations, and choosing the line that an outbound call leaves by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import choice

from offhook.errors import ConflictError, InvalidInputError, NotConfiguredError, NotFoundError
from offhook.ids import new_uuid
from offhook.telephony.form import ConfigurationForm
from offhook.telephony.model import (
    OutboundProfile,
    PhoneNumber,
    Provider,
    TelephonyConfiguration,
    normalise_cloudonix_domain,
)
from offhook.telephony.ports import Carrier, CarrierAccount, SecretBox, TelephonyRepository
from offhook.telephony.secrets import check_new_secret, hint_of, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A configuration and the number of it that the callee will see."""

    configuration: TelephonyConfiguration
    number: PhoneNumber


def add_configuration(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    organization_id: str,
    *,
    name: str,
    cloudonix_domain: str,
    bearer_token: str,
    is_default: bool,
    now: datetime,
    application_name: str | None = None,
    webhook_api_key: str | None = None,
    configuration_id: str | None = None,
) -> TelephonyConfiguration:
    """Store a configuration with its secrets sealed for this organization and configuration.

    Raises ConflictError `name-taken` or `domain-in-use`, InvalidInputError for what is no secret.
    """
    blank = TelephonyConfiguration(
        id=configuration_id or new_uuid(),
        organization_id=organization_id,
        name="",
        provider=Provider.CLOUDONIX,
        cloudonix_domain="",
        sealed_bearer_token="",
        is_default=False,
        created_at=now,
    )
    form = ConfigurationForm(
        name=name,
        cloudonix_domain=cloudonix_domain,
        bearer_token=bearer_token,
        application_name=application_name,
        webhook_api_key=webhook_api_key,
        is_default=is_default,
    )
    configuration = _filled_in(telephony, secret_box, blank, form)
    telephony.add(configuration)
    return configuration


def update_configuration(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    former: TelephonyConfiguration,
    form: ConfigurationForm,
    now: datetime,
) -> TelephonyConfiguration:
    """Store what the form says; another domain or token must be verified anew.

    Raises what `add_configuration` raises, and ConflictError `changed-meanwhile`.
    """
    configuration = replace(_filled_in(telephony, secret_box, former, form), updated_at=now)
    if _account_part(configuration) != _account_part(former):
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
    """Ask the carrier whether it accepts token and domain; if so the domain is the organization's.

    Raises CarrierError when it does not, ConflictError `domain-taken` when the domain is another organization's.
    """
    carrier.verify(open_account(secret_box, configuration))
    telephony.claim_domain(configuration)
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
    """Return the configuration's credentials in the clear."""
    token = secret_box.open(configuration.sealed_bearer_token, _seal_context(configuration))
    return CarrierAccount(cloudonix_domain=configuration.cloudonix_domain, bearer_token=token)


def open_webhook_api_key(secret_box: SecretBox, configuration: TelephonyConfiguration) -> str | None:
    """Return what the carrier sends with its webhooks, in the clear; None where that is not configured."""
    if configuration.sealed_webhook_api_key is None:
        return None
    return secret_box.open(configuration.sealed_webhook_api_key, _seal_context(configuration))


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


def _filled_in(
    telephony: TelephonyRepository,
    secret_box: SecretBox,
    former: TelephonyConfiguration,
    form: ConfigurationForm,
) -> TelephonyConfiguration:
    """Return the configuration as the form has it, still to be stored."""
    configuration = replace(
        former,
        name=form.name,
        cloudonix_domain=normalise_cloudonix_domain(form.cloudonix_domain),
        application_name=form.application_name,
        is_default=form.is_default,
    )
    _check_unused(telephony, configuration)
    configuration = _with_token(secret_box, configuration, form.bearer_token)
    return _with_webhook_api_key(secret_box, configuration, form.webhook_api_key)


def _check_unused(telephony: TelephonyRepository, configuration: TelephonyConfiguration) -> None:
    for other in telephony.list(configuration.organization_id):
        if other.id == configuration.id:
            continue
        if other.name == configuration.name:
            raise ConflictError(
                "Your organization has a telephony configuration of this name: choose another one.",
                code="name-taken",
            )
        if other.cloudonix_domain == configuration.cloudonix_domain:
            # A call that comes in by the domain could not tell which of the two it is for.
            raise ConflictError(
                "Your organization has a telephony configuration with this domain: change that one.",
                code="domain-in-use",
            )


def _with_token(
    secret_box: SecretBox, configuration: TelephonyConfiguration, text: str
) -> TelephonyConfiguration:
    if configuration.sealed_bearer_token and text == mask(configuration.bearer_token_hint):
        return configuration
    check_new_secret(text, "bearer_token")
    return replace(
        configuration,
        sealed_bearer_token=secret_box.seal(text, _seal_context(configuration)),
        bearer_token_hint=hint_of(text),
    )


def _with_webhook_api_key(
    secret_box: SecretBox, configuration: TelephonyConfiguration, text: str | None
) -> TelephonyConfiguration:
    if text is None:
        return replace(configuration, sealed_webhook_api_key=None, webhook_api_key_hint="")
    if configuration.sealed_webhook_api_key and text == mask(configuration.webhook_api_key_hint):
        return configuration
    check_new_secret(text, "webhook_api_key")
    return replace(
        configuration,
        sealed_webhook_api_key=secret_box.seal(text, _seal_context(configuration)),
        webhook_api_key_hint=hint_of(text),
    )


def _account_part(configuration: TelephonyConfiguration) -> tuple[str, str]:
    return configuration.cloudonix_domain, configuration.sealed_bearer_token


def _seal_context(configuration: TelephonyConfiguration) -> dict[str, str]:
    # A sealed secret that is copied to another row does not open there.
    return {"organization": configuration.organization_id, "configuration": configuration.id}


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
