"""What all pieces of a workflow document are made of: immutable values that keep only what they understand."""

from typing import Annotated

from pydantic import ConfigDict, Field

from offhook.documents import GivenDocument

# What a caller says in one breath; it bounds what filling in the placeholders of a hostile document can make.
Wording = Annotated[str, Field(max_length=200)]


class Piece(GivenDocument):
    """A piece of the document. Editors keep positions, colours and keys of later versions in it: they are carried, not understood."""

    model_config = ConfigDict(frozen=True, extra="ignore")
