"""Storing telephony configurations, and choosing the line that an outbound call leaves by."""

from dataclasses import dataclass
from datetime import datetime

from offhook.errors import FieldProblem, InvalidInputError, NotConfiguredError
from offhook.ids import new_uuid
from offhook.telephony.model import (
    PhoneNumber,
    Provider,
    TelephonyConfiguration,
    normalise_cloudonix_domain,
)
from offhook.telephony.ports import CarrierAccount, SecretBox, TelephonyRepository


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
) -> TelephonyConfiguration:
    """Store a configuration with its token sealed for this organization and configuration."""
    configuration_id = new_uuid()
    sealed = secret_box.seal(bearer_token, _seal_context(organization_id, configuration_id))
    configuration = TelephonyConfiguration(
        id=configuration_id,
        organization_id=organization_id,
        name=name,
        provider=Provider.CLOUDONIX,
        cloudonix_domain=normalise_cloudonix_domain(cloudonix_domain),
        sealed_bearer_token=sealed,
        is_default=is_default,
        created_at=now,
    )
    telephony.add(configuration)
    return configuration


def open_account(secret_box: SecretBox, configuration: TelephonyConfiguration) -> CarrierAccount:
    """Return the configuration's credentials in the clear."""
    context = _seal_context(configuration.organization_id, configuration.id)
    token = secret_box.open(configuration.sealed_bearer_token, context)
    return CarrierAccount(cloudonix_domain=configuration.cloudonix_domain, bearer_token=token)


def choose_line(
    telephony: TelephonyRepository,
    organization_id: str,
    *,
    configuration_id: str | None = None,
    number_id: str | None = None,
) -> Line:
    """Return the named configuration and number, else the defaults, else the first that there is.

    Raises NotFoundError for an unknown configuration, InvalidInputError for a number that is not the
    configuration's, NotConfiguredError when the organization has no configuration or the configuration no number.
    """
    configuration = _configuration(telephony, organization_id, configuration_id)
    numbers = telephony.list_numbers(organization_id, configuration.id)
    return Line(configuration=configuration, number=_number(numbers, number_id))


def _seal_context(organization_id: str, configuration_id: str) -> dict[str, str]:
    # A sealed token that is copied to another row does not open there.
    return {"organization": organization_id, "configuration": configuration_id}


def _configuration(
    telephony: TelephonyRepository, organization_id: str, configuration_id: str | None
) -> TelephonyConfiguration:
    if configuration_id is not None:
        return telephony.get(organization_id, configuration_id)
    configurations = telephony.list(organization_id)
    if not configurations:
        raise NotConfiguredError(
            "No telephony provider is configured: add a telephony configuration with a phone number first.",
            code="telephony-not-configured",
        )
    return configurations[0]


def _number(numbers: list[PhoneNumber], number_id: str | None) -> PhoneNumber:
    if number_id is not None:
        return _named_number(numbers, number_id)
    if not numbers:
        raise NotConfiguredError(
            "The telephony configuration has no phone number to call from: add one first.",
            code="caller-number-not-configured",
        )
    return next((number for number in numbers if number.is_default_caller), numbers[0])


def _named_number(numbers: list[PhoneNumber], number_id: str) -> PhoneNumber:
    for number in numbers:
        if number.id == number_id:
            return number
    problem = FieldProblem(
        loc=("body", "from_phone_number_id"), msg="The telephony configuration has no such phone number."
    )
    raise InvalidInputError(problem.msg, problems=[problem], code="from-phone-number-not-found")
