"""Keeping the phone numbers of a telephony configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from offhook.agents.ports import AgentRepository
from offhook.dialable import HOW_TO_WRITE, is_dialable
from offhook.errors import CarrierError, InvalidInputError, NotFoundError
from offhook.telephony.model import PhoneNumber, TelephonyConfiguration
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_account

_WRITTEN_FOR_PEOPLE = re.compile(r"[\s()-]")
_SIP = re.compile(r"(sips?):(.*)@(.*)", re.IGNORECASE)
_DEFAULT_PORT = {"sip": ":5060", "sips": ":5061"}


def read_address(text: str) -> str:
    """Return a number or SIP address in the one form we store; raise InvalidInputError for anything else."""
    address = _plain(text.strip())
    if not is_dialable(address):
        raise InvalidInputError.at("address", msg=HOW_TO_WRITE)
    return address


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Keeps numbers, and asks the carrier whether they are the account's; one that it does not confirm is kept unverified."""

    telephony: TelephonyRepository
    agents: AgentRepository
    secret_box: SecretBox
    carrier: Carrier

    def add(self, configuration: TelephonyConfiguration, number: PhoneNumber, now: datetime) -> PhoneNumber:
        """Store a new number of the configuration.

        Raises InvalidInputError for an address that can't be dialled or an agent that is not the organization's,
        ConflictError `phone-number-taken`.
        """
        readable = replace(number, address=read_address(number.address))
        _check_agent(self.agents, readable)
        added = replace(readable, **self._verification(configuration, readable.address, now))
        self.telephony.add_number(added)
        return added

    def update(
        self,
        configuration: TelephonyConfiguration,
        number: PhoneNumber,
        changes: Mapping[str, Any],
        now: datetime,
    ) -> PhoneNumber:
        """Store the changes of a number; raise InvalidInputError for an agent that is not the organization's."""
        _check_agent(self.agents, replace(number, **changes))
        verification = self._verification(configuration, number.address, now)
        # The carrier may take seconds, in which others change something else of the number.
        latest = self.telephony.get_number(number.organization_id, number.configuration_id, number.id)
        updated = replace(latest, **changes, **verification)
        self.telephony.update_number(updated)
        return updated

    def _verification(
        self, configuration: TelephonyConfiguration, address: str, now: datetime
    ) -> dict[str, Any]:
        """Return what the carrier says of an address, as a number has it; nothing where it does not answer."""
        try:
            is_ours = self.carrier.has_number(open_account(self.secret_box, configuration), address)
        except CarrierError:
            # It can be asked again, and has not taken back what it has said before.
            return {}
        account = configuration.account if is_ours else None
        return {"verified_at": now if is_ours else None, "verified_account": account}


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
