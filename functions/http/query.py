"""What no query may hold, whatever its parameters are."""

from fastapi import Request

from offhook.errors import FieldProblem, InvalidInputError

# What decoding leaves in the place of bytes that are not UTF-8, halves of surrogate pairs among them.
_NOT_UTF8 = "\ufffd"


def check_query(request: Request) -> None:
    """Raise InvalidInputError for a NUL character, or for bytes that are not UTF-8."""
    for name, value in request.query_params.multi_items():
        if any(mark in text for mark in ("\x00", _NOT_UTF8) for text in (name, value)):
            problem = FieldProblem(
                loc=("query", _shown(name)), msg="Send UTF-8 text without NUL characters, percent-encoded."
            )
            raise InvalidInputError(problem.msg, problems=[problem])


def _shown(name: str) -> str:
    return name.replace("\x00", _NOT_UTF8)[:64]
