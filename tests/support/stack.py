"""The stack synthesised in this process, and its template as tests read it."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNVALIDATED: Mapping[str, str] = {"CDK_VALIDATION": "false"}
"""What keeps the CDK from validating templates, which costs more than all else; `make check` has each variant validated."""

# Before anybody imports the CDK: its Node reads that once.
os.environ.update(UNVALIDATED)


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template as CDK writes it."""

    document: dict[str, Any]

    def resources(self, type_: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Iterate the resources of a type (`AWS::SQS::Queue`) by logical id, each with all that it says."""
        for logical_id, resource in self.document["Resources"].items():
            if resource["Type"] == type_:
                yield logical_id, resource

    def properties(self, type_: str) -> list[dict[str, Any]]:
        """Return the properties of every resource of a type."""
        return [resource.get("Properties", {}) for _, resource in self.resources(type_)]

    def only(self, type_: str) -> dict[str, Any]:
        """Return the properties of the one resource of a type."""
        return self.named(type_, "")

    def named(self, type_: str, prefix: str) -> dict[str, Any]:
        """Return the properties of the one resource of a type whose logical id begins so."""
        (resource,) = [each for name, each in self.resources(type_) if name.startswith(prefix)]
        properties: dict[str, Any] = resource.get("Properties", {})
        return properties


def synthesise(outdir: Path, context: Mapping[str, object]) -> Template:
    """Write the stack with these options into a folder, with `WITHOUT_BUNDLES` where their content does not matter."""
    # Only by whom the CDK is used, which takes seconds to import.
    from infra.app import make_app

    assembly = make_app(context, outdir).synth()
    return Template(json.loads(Path(assembly.get_stack_artifact("Offhook").template_full_path).read_text()))
