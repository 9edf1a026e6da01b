"""The calculator: arithmetic in decimal numbers, read by Python's own parser and evaluated by nothing but this."""

import ast
import warnings
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from decimal import localcontext as decimal_context
from typing import Any

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from streamer.tools.ports import Answer, ToolContext

MAX_EXPRESSION_CHARACTERS = 200

# 28 digits, as money needs them at most; a result beyond 10^999 overflows at once, whatever power it is of.
_DECIMAL = Context(prec=28, Emax=999, Emin=-999, clamp=0, traps=[DivisionByZero, InvalidOperation, Overflow])
_BINARY: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Mod: lambda left, right: left % right,
    ast.Pow: lambda left, right: left**right,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Decimal], Decimal]] = {
    ast.UAdd: lambda value: +value,
    ast.USub: lambda value: -value,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "max": max,
    "min": min,
    "round": lambda value, places=Decimal(0): round(value, int(places)),
    "sqrt": lambda value: value.sqrt(),
}
# What people and models write for the same.
_SPELLINGS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "^": "**"})  # noqa: RUF001

_NOT_ARITHMETIC = "This is no arithmetic that can be worked out: use numbers, + - * / // % ** ( ), and abs, max, min, round, sqrt."
_TOO_LONG = f"An expression has {MAX_EXPRESSION_CHARACTERS} characters at most: work it out in parts."


class Calculator:
    """Implements Function."""

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        expression = arguments.get("expression")
        if not isinstance(expression, str):
            raise InvalidInputError(_NOT_ARITHMETIC)
        return Answer(text=calculate(expression))


def calculate(expression: str) -> str:
    """Return the value in decimal digits; raise InvalidInputError with a sentence for the model."""
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        raise InvalidInputError(_TOO_LONG)
    try:
        with decimal_context(_DECIMAL):
            return _written(_value(_parsed(expression)))
    except DivisionByZero:
        raise InvalidInputError("This divides by zero.") from None
    except (Overflow, OverflowError):
        raise InvalidInputError("The result is too large.") from None
    # ValueError: more digits than Python reads; TypeError: a function with too many arguments, or too few.
    except (DecimalException, SyntaxError, RecursionError, MemoryError, ValueError, TypeError):
        raise InvalidInputError(_NOT_ARITHMETIC) from None


def _parsed(expression: str) -> ast.expr:
    with warnings.catch_warnings():
        # Of what looks like a mistake in a program.
        warnings.simplefilter("ignore")
        return ast.parse(expression.translate(_SPELLINGS).strip(), mode="eval").body


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _number(repr(number))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left), _value(right))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return Decimal(_FUNCTIONS[name](*map(_value, arguments)))
        case _:
            raise InvalidInputError(_NOT_ARITHMETIC)


def _number(text: str) -> Decimal:
    # With the context's traps: a constant such as 1e999 is infinite for Python.
    value = +Decimal(text)
    if not value.is_finite():
        raise InvalidInputError("The result is too large.")
    return value


def _written(value: Decimal) -> str:
    # Without trailing zeros, and without a sign before a zero.
    plain = (value + 0).normalize()
    return f"{plain:f}" if abs(plain.adjusted()) <= _DECIMAL.prec else str(plain)
