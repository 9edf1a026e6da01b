"""Prints docs/settings.md, made from the settings themselves: `python -m local.generated.settings_table`."""

from dataclasses import Field, fields
from typing import Any

from offhook.settings import Settings

_HEAD = """\
# Settings

Made from `offhook/settings.py` by `make generate`; `make check` fails when the two differ.

Every setting is an environment variable. A variable that starts with `OFFHOOK_` and is not listed here stops the
start with a sentence, so that a typing mistake is not silently ignored. `offhook up` sets the ones that the local
run needs; what you set yourself wins.

| variable | default | meaning |
|---|---|---|
"""

_TAIL = """
The AWS SDK reads its own variables: `AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, and `AWS_ENDPOINT_URL`,
`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL_POLLY` to put another address in the place of AWS.

The commands that talk to an install (`call`, `tail`, `runs`, `keys`, `doctor`) read two more, and
so do the examples of the README:

| variable | default | meaning |
|---|---|---|
| `OFFHOOK_BASE_URL` | the install that `offhook up` started in this folder, else `http://127.0.0.1:8800` | The install to talk to. |
| `OFFHOOK_API_KEY` | the key of that install | The key that opens it. |
"""


def settings_table() -> str:
    """Return the whole document."""
    return _HEAD + "".join(_row(setting) for setting in fields(Settings)) + _TAIL


def _row(setting: "Field[Any]") -> str:
    default = f"`{setting.default}`" if setting.default != "" else "empty"
    # A bar would end the cell.
    meaning = str(setting.metadata["help"]).replace("|", "\\|")
    return f"| `OFFHOOK_{setting.name.upper()}` | {default} | {meaning} |\n"


if __name__ == "__main__":
    print(settings_table(), end="")
