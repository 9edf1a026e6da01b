"""What is said of each thing that was looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: what, whether it is well, and a sentence that says what to do if not."""

    subject: str
    is_well: bool
    sentence: str


def well(subject: str, sentence: str) -> Finding:
    """Return that all is as it should be."""
    return Finding(subject=subject, is_well=True, sentence=sentence)


def ill(subject: str, sentence: str) -> Finding:
    """Return that something is to be done."""
    return Finding(subject=subject, is_well=False, sentence=sentence)
