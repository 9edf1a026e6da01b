"""Prints tests/infra/template.json, the stack's template without what changes with the sources: `python -m local.generated.stack_template`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.app import make_app
from infra.variants import WITHOUT_BUNDLES

# Digests of assets: of 64 hexadecimal digits.
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def stack_template() -> str:
    """Return the template as it is without any option, for a reviewer to see what a change does to it."""
    with TemporaryDirectory() as folder:
        assembly = make_app(WITHOUT_BUNDLES, Path(folder)).synth()
        return without_digests(assembly.get_stack_by_name("Offhook").template)


def without_digests(template: Mapping[str, Any]) -> str:
    """Return a template as text, the same for the same stack whatever its sources are."""
    return _DIGEST.sub("DIGEST", json.dumps(template, indent=1, sort_keys=True)) + "\n"


if __name__ == "__main__":
    print(stack_template(), end="")
