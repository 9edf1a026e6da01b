"""The forms of the editor name the fields that the API reads, and no others."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from offhook.agents.settings import AgentSettings
from offhook.workflows.definition import EdgeData
from offhook.workflows.nodes import KINDS

AGENTS = Path(__file__).parents[2] / "web" / "console" / "agents"
NODE = Path(sys.executable).with_name("node")


def test_the_forms_of_nodes_and_edges_show_all_that_the_api_reads() -> None:
    shown = _exported("kinds.js", "({KINDS, EDGE_FIELDS})")
    assert list(shown["KINDS"]) == [kind.kind for kind in KINDS]
    for kind in KINDS:
        form = shown["KINDS"][kind.kind]
        assert form["isLedTo"] is kind.is_led_to
        assert form["leadsOn"] is kind.leads_on
        assert set(_names(form["fields"])) == set(_fields(kind.model_fields["data"].annotation))
    assert set(_names(shown["EDGE_FIELDS"])) == set(_fields(EdgeData))


def test_the_form_of_settings_names_settings_that_there_are() -> None:
    shown = _names(_exported("settings_fields.js", "SETTINGS"))
    assert set(shown) <= set(AgentSettings.model_fields)


def _exported(module: str, expression: str) -> Any:
    """Return what an expression over a module's exports is worth."""
    names = expression.strip("({})")
    program = f'import {{ {names} }} from "{AGENTS / module}"; console.log(JSON.stringify({expression}))'
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def _names(fields: list[dict[str, Any]], within: str = "") -> Iterator[str]:
    for field in fields:
        yield f"{within}{field['key']}"
        yield from _names(field.get("fields", []), f"{within}{field['key']}.")


def _fields(model: Any, within: str = "") -> Iterator[str]:
    """Yield the names of a model's fields, and of the models in them; sentences of a capture are left to JSON."""
    for name, field in model.model_fields.items():
        yield f"{within}{name}"
        inner = _model_in(field.annotation)
        if inner is not None and name != "sentences":
            yield from _fields(inner, f"{within}{name}.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
