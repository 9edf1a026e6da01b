"""The calculator: decimal arithmetic for whoever asks, and no time or power for whoever tries it."""

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.errors import InvalidInputError
from streamer.tools.calculator import MAX_EXPRESSION_CHARACTERS, calculate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("(19.90 * 3) * 1.21", "72.237"),
        ("2 + 3 * 4", "14"),
        ("-(2 - 5)", "3"),
        ("7 // 2", "3"),
        ("7 % 4", "3"),
        ("10 / 4", "2.5"),
        ("2 ** 10", "1024"),
        ("2^10 + 1", "1025"),
        ("3 × 4 ÷ 2 − 1", "5"),  # noqa: RUF001
        ("1e3", "1000"),
        ("sqrt(2) * sqrt(2)", "1.999999999999999999999999999"),
        ("round(2.675, 2)", "2.68"),
        ("round(19.5)", "20"),
        ("max(1, 2.5, abs(-3))", "3"),
        ("min(4, 2)", "2"),
        ("0 * -1", "0"),
        ("1000000 * 1000000", "1000000000000"),
    ],
)
def test_arithmetic_is_exact_in_decimals(expression: str, value: str) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        *("", "a", "1 +", "()", "1, 2", "'a' * 3", "True", "1j", "[1]", "lambda: 1", "1 if 1 else 2", "1 < 2"),
        *("__import__('os').system('id')", "abs.__self__", "(1).real", "max(*[1])", "round(1, ndigits=1)", "pow(2, 3)"),
        *("sqrt(-1)", "sqrt()", "sqrt(1, 2)", "max()", "f'{1}'", "x := 1", "1 if x else 2", "1_000j", "..."),
        *("1" * (MAX_EXPRESSION_CHARACTERS + 1), "(" * 150, "-" * 199, "0 ** 0", "\0"),
    ],
)  # fmt: skip
def test_what_is_no_arithmetic_is_refused_with_a_sentence(expression: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        calculate(expression)
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("1 / 0", "This divides by zero."),
        ("9 ** 9 ** 9", "The result is too large."),
        ("1e999", "The result is too large."),
        ("round(1.5, 10 ** 300)", "The result is too large."),
        ("10 ** 999 * 10", "The result is too large."),
    ],
)
def test_why_there_is_no_result_is_said(expression: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        calculate(expression)
    assert refused.value.detail == sentence


def test_nothing_takes_long() -> None:
    began_s = process_time()
    for expression in (
        "9**9**9**9",
        "9" * 200,
        "2**0.5" + "**0.5" * 30,
        "+".join(["1e999"] * 30),
        "sqrt(" * 30,
    ):
        with suppress(InvalidInputError):
            calculate(expression)
    assert process_time() - began_s < 0.5


@pytest.mark.fuzz
@given(st.text(alphabet="0123456789.+-*/%()e, sqrtmaxbdin_'[]=:^", max_size=60))
def test_any_text_has_a_value_or_a_sentence(expression: str) -> None:
    with suppress(InvalidInputError):
        assert calculate(expression)
