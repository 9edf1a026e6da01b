"""Prints docs/stack-options.md, made from the stack's options themselves: `python -m local.generated.stack_options`."""

from dataclasses import Field, fields
from typing import Any

from infra.config import Configuration

_HEAD = """\
# Options of the AWS stack

Made from `infra/config.py` by `make generate`; `make check` fails when the two differ.

An option is given to the CDK as `-c name=value`: `make deploy ARGS="-c retention_days=30"`, or
`cdk deploy -c retention_days=30`. What should hold every time belongs in a profile, an object of that name under
`context.profiles` in `cdk.json`, chosen by `-c env=NAME`. The command line wins over the profile, and the profile over
the default. An unknown name, or a value that makes no sense, stops the synthesis with a sentence.

| option | default | values | meaning |
|---|---|---|---|
"""


def stack_options() -> str:
    """Return the whole document."""
    return _HEAD + "".join(_row(option) for option in fields(Configuration))


def _row(option: "Field[Any]") -> str:
    default = f"`{str(option.default).lower() if option.type is bool else option.default}`"
    return f"| `{option.name}` | {default if option.default != '' else 'empty'} | {_values(option)} | {option.metadata['help']} |\n"


def _values(option: "Field[Any]") -> str:
    rules = option.metadata
    if option.type is bool:
        return "`true`, `false`"
    if "choices" in rules:
        return ", ".join(f"`{choice}`" for choice in rules["choices"])
    if "least" in rules:
        return f"{rules['least']} to {rules['most']}" if "most" in rules else f"{rules['least']} or more"
    return str(rules.get("form", "text"))


if __name__ == "__main__":
    print(stack_options(), end="")
