"""The agent that a call goes on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from offhook.agents.settings import AgentSettings
from offhook.workflows import Phrasebook, Workflow
from streamer.call.offered_tools import OfferedTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """Who it is, and what it follows; `tools` are what each of its nodes offers the language model."""

    agent_uuid: str
    name: str
    version: int
    workflow: Workflow
    settings: AgentSettings
    phrasebook: Phrasebook
    tools: Mapping[str, Sequence[OfferedTool]] = field(default_factory=dict)
