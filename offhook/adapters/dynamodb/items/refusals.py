"""Why a conditional write was refused, in words, where several kinds of things are refused alike."""

from offhook.errors import ConflictError


def id_taken() -> ConflictError:
    return ConflictError("There is something with this id already.", code="id-taken")


def changed_meanwhile(what: str) -> ConflictError:
    return ConflictError(
        f"Somebody else has changed the {what} meanwhile: read it and try again.", code="changed-meanwhile"
    )
