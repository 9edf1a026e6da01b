"""What docs/operations.md finds by a resource's type and name is what the stack has under these."""

import re
from pathlib import Path

import pytest

from tests.support.stack import Template

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
FOUND = sorted(set(re.findall(r"\$\(resource (\S+) ([A-Za-z]+|\"\")\)", TEXT)))
HOW_MANY = {("DynamoDB::Table", "Data"): 3}


@pytest.mark.parametrize("wanted", FOUND)
def test_a_resource_that_is_looked_up_is_there_once(wanted: tuple[str, str], template: Template) -> None:
    kind, prefix = wanted
    found = [name for name, _ in template.resources(f"AWS::{kind}") if name.startswith(prefix.strip('"'))]
    assert len(found) == HOW_MANY.get(wanted, 1)


def test_every_alarm_stands_in_the_table(template: Template) -> None:
    (table,) = re.findall(r"^\| alarm \|.*?\n\n", TEXT, re.DOTALL | re.MULTILINE)
    named = [
        name for row in table.strip().splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    ]
    alarms = [name for name, _ in template.resources("AWS::CloudWatch::Alarm") if name.startswith("Alarms")]
    own = [re.sub(r"[0-9A-F]{8}$", "", name.removeprefix("Alarms")) for name in alarms]
    assert len(own) > len(named) > 0
    for name in own:
        assert any(name == each or (each[0] == "…" and name.endswith(each[1:])) for each in named), name
    for each in named:
        assert any(name.endswith(each.lstrip("…")) for name in own), each
