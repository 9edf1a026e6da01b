"""What the documents promise: links that lead somewhere, an example workflow that is accepted."""

import json
import re
from pathlib import Path

from offhook.workflows import parse_workflow, phrases_of
from offhook.workflows.nodes import KINDS
from tests.support.tables import each_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@each_of([(document,) for document in DOCUMENTS])
def test_links_to_files_lead_to_files(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert missing == []


def test_the_example_workflow_is_accepted_and_gathers_a_day() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    workflow = parse_workflow(json.loads(text.split("```json\n", 1)[1].split("```", 1)[0]))
    phrases = phrases_of(workflow, workflow.step("other_day"))
    assert {"day": "friday"} in [phrase.gathered for phrase in phrases if phrase.text == "friday please"]


def test_every_kind_of_node_is_explained() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| type \| how many .*?\n\n", text, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", table)) == {kind.kind for kind in KINDS}


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`make ([a-z][a-z-]*)", document.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= targets
