"""Why runs end: one list, for code and for people."""

from pathlib import Path

import pytest

import local
from local.generated.end_reasons import end_reasons
from offhook.runs.end_reasons import EndReason


def test_the_document_that_is_checked_in_is_current() -> None:
    document = Path(local.__file__).parents[1] / "docs" / "end-reasons.md"
    assert document.read_text(encoding="utf-8") == end_reasons(), "run: make generate"


@pytest.mark.parametrize("reason", EndReason)
def test_every_reason_is_one_word_with_a_sentence(reason: EndReason) -> None:
    assert reason.value.replace("_", "").isalpha()
    assert reason.meaning.endswith(".")
    assert f"| `{reason.value}` |" in end_reasons()
