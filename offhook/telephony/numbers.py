"""Keeping the phone numbers of a telephony configuration."""

import re
from datetime import datetime

from offhook.agents.ports import AgentRepository
from offhook.dialable import is_dialable
from offhook.errors import InvalidInputError, NotFoundError
from offhook.telephony.model import PhoneNumber, TelephonyConfiguration
from offhook.telephony.ports import TelephonyRepository

_WRITTEN_FOR_PEOPLE = re.compile(r"[\s()-]")
_SIP = re.compile(r"(sips?):(.*)@(.*)", re.IGNORECASE)
_DEFAULT_PORT = {"sip": ":5060", "sips": ":5061"}


def read_address(text: str) -> str:
    """Return a number or SIP address in the one form we store; raise InvalidInputError for anything else."""
    address = _plain(text.strip())
    if not is_dialable(address):
        raise InvalidInputError.at(
            "address", msg="Write the number in E.164, such as +14155550100, or as a sip: URI."
        )
    return address


def add_number(
    telephony: TelephonyRepository,
    agents: AgentRepository,
    configuration: TelephonyConfiguration,
    *,
    number_id: str,
    address: str,
    label: str | None,
    inbound_agent_uuid: str | None,
    is_default_caller: bool,
    now: datetime,
) -> PhoneNumber:
    """Store a new number of the configuration.

    Raises InvalidInputError for an address that can't be dialled or an agent that is not the organization's,
    ConflictError `phone-number-taken`.
    """
    number = PhoneNumber(
        id=number_id,
        configuration_id=configuration.id,
        organization_id=configuration.organization_id,
        address=read_address(address),
        label=label,
        inbound_agent_uuid=inbound_agent_uuid,
        is_default_caller=is_default_caller,
        created_at=now,
    )
    _check_agent(agents, number)
    telephony.add_number(number)
    return number


def update_number(
    telephony: TelephonyRepository, agents: AgentRepository, number: PhoneNumber
) -> PhoneNumber:
    """Store what has changed of a number; raise InvalidInputError for an agent that is not the organization's."""
    _check_agent(agents, number)
    telephony.update_number(number)
    return number


def _plain(text: str) -> str:
    sip = _SIP.fullmatch(text)
    if sip is None:
        return _WRITTEN_FOR_PEOPLE.sub("", text)
    scheme = sip[1].lower()
    return f"{scheme}:{sip[2]}@{sip[3].lower().removesuffix(_DEFAULT_PORT[scheme])}"


def _check_agent(agents: AgentRepository, number: PhoneNumber) -> None:
    if number.inbound_agent_uuid is None:
        return
    try:
        agents.get(number.organization_id, number.inbound_agent_uuid)
    except NotFoundError:
        raise InvalidInputError.at(
            "inbound_agent_uuid",
            msg="There is no agent with this UUID in your organization.",
            code="agent-not-found",
        ) from None
