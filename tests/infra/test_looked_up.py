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
