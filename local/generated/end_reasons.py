"""Prints docs/end-reasons.md, made from the list of end reasons: `python -m local.generated.end_reasons`."""

from offhook.runs.end_reasons import EndReason

_HEAD = """\
# End reasons

Made from `offhook/runs/end_reasons.py` by `make generate`; `make check` fails when the two differ.

`end_reason` of a run says why it has ended. The disposition is that of the `endCall` node that ended it; the table gives
the one of a run whose workflow names none. Without one, it is the run's status. A run that the carrier could not be
asked to dial has the code of its error as its reason.

| `end_reason` | `disposition` | meaning |
|---|---|---|
"""


def end_reasons() -> str:
    """Return the whole document."""
    return _HEAD + "".join(map(_row, EndReason))


def _row(reason: EndReason) -> str:
    disposition = f"`{reason.disposition}`" if reason.disposition else "-"
    return f"| `{reason}` | {disposition} | {reason.meaning} |\n"


if __name__ == "__main__":
    print(end_reasons(), end="")
