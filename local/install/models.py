"""What the agents of an install may think with: `offhook up --models`, and whatever `OFFHOOK_LLM_URL` names."""

import json
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from local.install import thinking_agent
from local.processes.children import Child, child
from offhook.agents.engines import EMBEDDED, OPENAI

URL_VARIABLE = "OFFHOOK_LLM_URL"


class ModelMode(StrEnum):
    """Whose language models they are."""

    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The settings for them, and what was started."""

    settings: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Child, ...] = ()


async def make_models(stack: AsyncExitStack, mode: ModelMode | None, folder: Path) -> Models:
    """Return what the mode takes; what it starts is stopped by `stack`. Raises OffhookError."""
    offered = {"OFFHOOK_MODELS": f"{EMBEDDED},{OPENAI}"}
    if os.environ.get(URL_VARIABLE):
        return Models(settings=offered)
    if mode is None:
        return Models()
    script = folder / "model-script.json"
    script.write_text(json.dumps(thinking_agent.SCRIPT))
    server = await stack.enter_async_context(child("local.models.server", "--rules", str(script)))
    named = {URL_VARIABLE: str(server.ready["llm_url"]), "OFFHOOK_LLM_MODEL": "scripted"}
    return Models(settings=offered | named, children=(server,))
