"""Templates: what each path reaches, what stands in for what is missing, and that hostile ones cost no time."""

import time
from datetime import UTC, datetime

import pytest

from offhook.json_types import JsonObject
from offhook.workflows import TemplateContext, render, render_document
from offhook.workflows.templates import MAX_VALUES_CHARACTERS

NEW_YEAR = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
INITIAL: JsonObject = {
    "customer_name": "Ada",
    "customer": {"first_name": "Ada", "address": {"city": "Oslo"}},
    "empty": "",
    "nothing": None,
    "zero": 0,
    "price": 9.5,
    "is_new": False,
    "list": [1, "é"],
    "current_time": "never",
    "caller_number": "forged",
    "current_time_slot": "at noon",
}


def context_of(initial: JsonObject = INITIAL) -> TemplateContext:
    return TemplateContext(
        clock=lambda: NEW_YEAR,
        initial=initial,
        gathered={"day": "Tuesday", "slot": {"hour": 9}},
        system={
            "caller_number": "+15550100",
            "called_number": None,
            "workflow_run_id": 4711,
            "cost_info": {"total_usd": 0.01},
        },
    )


def filled(template: str, initial: JsonObject = INITIAL) -> str:
    return render(template, context_of(initial))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {{customer_name}}.", "Hello Ada."),
        ("{{ customer_name }}{{customer_name}}", "AdaAda"),
        ("{{initial_context.customer_name}}", "Ada"),
        ("{{customer.address.city}}", "Oslo"),
        ("{{initial_context.customer.address.city}}", "Oslo"),
        ("{{gathered_context.day}} at {{gathered_context.slot.hour}}", "Tuesday at 9"),
        ("{{caller_number}}, run {{workflow_run_id}}", "+15550100, run 4711"),
        ("no placeholders", "no placeholders"),
        ("", ""),
    ],
)
def test_a_path_reaches_its_value(template: str, text: str) -> None:
    assert filled(template) == text


@pytest.mark.parametrize(
    "path", ["unknown", "customer.unknown", "customer_name.x", "list.0", "empty", "nothing", ""]
)
def test_what_is_missing_null_or_empty_renders_empty_or_as_its_fallback(path: str) -> None:
    assert filled(f"[{{{{{path}}}}}]") == "[]"
    assert filled(f"[{{{{ {path} | a friend }}}}]") == "[a friend]"
    assert filled(f"[{{{{{path}|fallback: a friend}}}}]") == "[a friend]"


def test_a_value_that_is_there_needs_no_fallback_even_when_it_is_zero_or_false() -> None:
    assert filled("{{zero | x}} {{is_new | x}} {{price | x}} {{customer_name | x}}") == "0 false 9.5 Ada"


def test_the_older_fallback_without_a_text_says_what_is_missing() -> None:
    assert (
        filled("{{first_name | fallback}}, {{customer.last_name|fallback:}}")
        == "First Name, Customer Last Name"
    )


def test_a_fallback_may_hold_bars_and_spaces() -> None:
    assert filled("{{unknown |  one | two  }}") == "one | two"


def test_lists_and_objects_render_as_json() -> None:
    assert filled("{{list}} {{customer.address}}") == '[1, "é"] {"city": "Oslo"}'


def test_a_line_break_may_be_written_out() -> None:
    assert filled(r"One.\nTwo.") == "One.\nTwo."


def test_an_explicit_initial_context_wins_over_the_flat_one() -> None:
    both: JsonObject = {"initial_context": {"name": "inner"}, "name": "outer", "only": "flat"}
    assert filled("{{initial_context.name}} {{name}} {{initial_context.only}}", both) == "inner outer flat"


def test_the_time_is_told_in_utc_or_in_a_named_zone() -> None:
    assert filled("{{current_time}} {{current_weekday}}") == "2026-01-01 03:30 Thursday"
    assert filled("{{current_time_America/New_York}}") == "2025-12-31 22:30"
    assert filled("{{ current_weekday_America/New_York }}") == "Wednesday"


def test_what_names_no_zone_is_an_ordinary_path() -> None:
    assert filled("{{current_time_slot}} [{{current_time_Mars/Base}}]") == "at noon []"


@pytest.mark.parametrize(
    "zone", ["../../../etc/passwd", "/etc/passwd", "x" * 5000, "a\0b", "America", "..", "é", "\ud800"]
)
def test_no_zone_reads_a_file_of_ours(zone: str) -> None:
    assert filled(f"{{{{current_time_{zone} | no}}}}") == "no"


def test_what_the_system_knows_can_not_be_said_otherwise() -> None:
    assert filled("{{caller_number}} {{current_time}}") == "+15550100 2026-01-01 03:30"


@pytest.mark.parametrize(
    "expression",
    ["1+1", "customer.__class__", "customer.keys()", "customer['first_name']", "__import__('os')"],
)
def test_nothing_is_evaluated(expression: str) -> None:
    assert filled(f"[{{{{{expression}}}}}]") == "[]"


def test_what_a_value_holds_is_no_template() -> None:
    assert filled("{{a}}", {"a": "{{b}}", "b": "secret"}) == "{{b}}"
    assert filled("{{a}}{{c}}", {"a": "{{b", "c": "}}", "b": "secret"}) == "{{b}}"


@pytest.mark.parametrize("template", ["{{", "}}", "{{a", "{ {a} }", "{{a{b}}", "{{a}b}}"])
def test_braces_that_make_no_placeholder_stay(template: str) -> None:
    assert filled(template) == template


def test_the_innermost_braces_are_the_placeholder() -> None:
    assert filled("{{{customer_name}}}{{\ud800}}") == "{Ada}"


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "}",
        "{{",
        "{{ ",
        "{{a|",
        "{{ | ",
        "{{a}}",
        "{{}}",
        "{{" + " " * 50,
        "{{a.",
        "{{a|fallback:",
        "\\n",
        "{{ a ",
    ],
)
@pytest.mark.parametrize("before", ["", "{{", "{{a|", "{{a | fallback:"])
def test_a_hostile_template_costs_linear_time(before: str, piece: str) -> None:
    template = before + piece * (250_000 // len(piece))
    start = time.perf_counter()
    filled(template, {"a": "x"})
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("filler", [" ", "a", "\t ", "a.", "| "])
def test_a_placeholder_that_never_ends_costs_linear_time(filler: str) -> None:
    start = time.perf_counter()
    filled("{{" + filler * 100_000, {})
    filled("{{a|" + filler * 100_000 + "{", {})
    assert time.perf_counter() - start < 5


def test_many_placeholders_of_a_large_value_make_no_large_text() -> None:
    large: JsonObject = {"a": "x" * 60_000, "b": {"c": ["y" * 50_000]}}
    start = time.perf_counter()
    assert len(filled("{{a}}{{b}} " * 20_000, large)) <= MAX_VALUES_CHARACTERS + 20_000
    assert time.perf_counter() - start < 5


def test_in_a_document_a_placeholder_alone_keeps_the_type_of_its_value() -> None:
    template: JsonObject = {
        "price": "{{price}}",
        "slot": " {{gathered_context.slot}} ",
        "list": ["{{zero}}", "{{is_new}}", {"id": "{{workflow_run_id}}", "usd": "{{cost_info.total_usd}}"}],
        "text": "{{price}} for {{customer_name}}",
        "missing": "{{nobody}}",
        "fallback": "{{nobody | none}}",
        "as_it_is": [1, None, True],
    }
    assert render_document(template, context_of()) == {
        "price": 9.5,
        "slot": {"hour": 9},
        "list": [0, False, {"id": 4711, "usd": 0.01}],
        "text": "9.5 for Ada",
        "missing": "",
        "fallback": "none",
        "as_it_is": [1, None, True],
    }


def test_a_document_full_of_placeholders_makes_no_more_than_one_text_may() -> None:
    template: JsonObject = {str(n): "{{much}}" for n in range(1000)}
    filled_in = render_document(template, context_of({"much": "x" * 60_000}))
    assert sum(len(str(value)) for value in filled_in.values()) == MAX_VALUES_CHARACTERS
