"""Which keys are the digits of a Gather, and when they are all."""

from local.cloudonix.application.gathering import Digits
from local.cloudonix.phones import tones
from local.people.line_noise import is_voiced


def _pressed(keys: str, *, num_digits: int | None = None, finish_on_key: str = "#") -> Digits:
    digits = Digits(num_digits=num_digits, finish_on_key=finish_on_key)
    for key in keys:
        digits.press(key)
    return digits


def test_digits_are_complete_at_their_number() -> None:
    assert not _pressed("12", num_digits=3).is_complete
    assert _pressed("123", num_digits=3) == Digits(
        num_digits=3, finish_on_key="#", text="123", is_complete=True
    )


def test_the_key_that_finishes_is_not_among_them() -> None:
    assert (_pressed("12#").text, _pressed("12#").is_complete) == ("12", True)
    assert (_pressed("#").text, _pressed("#").is_complete) == ("", True)
    without = _pressed("1#", finish_on_key="")
    assert (without.text, without.is_complete) == ("1#", False)


def test_each_key_has_a_tone_of_its_own_and_w_is_a_wait() -> None:
    every = "0123456789ABCD*#"
    assert len({tones.keys(key) for key in every}) == len(every)
    assert all(is_voiced(tones.keys(key)[:160]) for key in every)
    assert not is_voiced(tones.keys("W"))
    assert len(tones.keys("1W2")) == len(tones.keys("12")) + 4_000
