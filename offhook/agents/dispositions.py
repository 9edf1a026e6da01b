"""The outcomes that an agent's calls may have, for a language model to choose from."""

from pydantic import ConfigDict, Field

from offhook.documents import GivenDocument


class Disposition(GivenDocument):
    """An outcome, and when it is the right one."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    description: str = Field("", max_length=500)
