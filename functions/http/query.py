"""What the query of a request may hold: the parameters of its route, each once; an empty one is none."""

from collections.abc import Iterator
from urllib.parse import urlencode

from fastapi import Request
from fastapi.dependencies.models import Dependant

from offhook.errors import FieldProblem, InvalidInputError

# What decoding leaves in the place of bytes that are not UTF-8, halves of surrogate pairs among them.
_NOT_UTF8 = "\ufffd"
_MOST_SHOWN = 10


def parameter_names(dependant: Dependant) -> frozenset[str]:
    """Return the names of the query parameters that a route takes, by itself and through what it depends on."""
    own = frozenset(field.alias for field in dependant.query_params)
    return own.union(*map(parameter_names, dependant.dependencies))


def check_query(request: Request, known: frozenset[str]) -> None:
    """Leave empty parameters out (Zapier sends `cursor=`); raise InvalidInputError that names every fault.

    A filter that is not known, or given twice, would widen a list where it was meant to narrow it.
    """
    given = request.query_params.multi_items()
    problems = list(_problems(given, known))
    if problems:
        raise InvalidInputError(problems[0].msg, problems=problems[:_MOST_SHOWN])
    if not all(value for _, value in given):
        request.scope["query_string"] = urlencode([item for item in given if item[1]]).encode()


def _problems(given: list[tuple[str, str]], known: frozenset[str]) -> Iterator[FieldProblem]:
    seen: set[str] = set()
    for name, value in given:
        if any(mark in text for mark in ("\x00", _NOT_UTF8) for text in (name, value)):
            yield _problem(name, "Send UTF-8 text without NUL characters, percent-encoded.")
        elif name not in known:
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            yield _problem(name, f"This address has no query parameter {_shown(name)}: {takes}.")
        elif name in seen:
            yield _problem(name, f"Give the query parameter {name} once.")
        seen.add(name)


def _problem(name: str, msg: str) -> FieldProblem:
    return FieldProblem(loc=("query", _shown(name)), msg=msg)


def _shown(name: str) -> str:
    return name.replace("\x00", _NOT_UTF8)[:64]
