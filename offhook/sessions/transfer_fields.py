"""What an operator says of a transfer, over the session socket and over REST."""

from pydantic import BaseModel, Field

from offhook.dialable import LONGEST_ADDRESS
from offhook.sessions.commands import MOST_CHARACTERS
from offhook.vocabulary import RingSeconds, Summary, TransferMode


class TransferFields(BaseModel):
    """To whom the caller is put through, and what is said."""

    to: str = Field(
        min_length=1,
        max_length=LONGEST_ADDRESS,
        description="A number in E.164, or a `sip:` URI, to which the organization's limits allow calls; no template.",
    )
    mode: TransferMode = Field(
        default=TransferMode.COLD,
        description="`cold` puts them through at once; `warm` calls the other person first and tells them the summary.",
    )
    summary: Summary = Field(default="", description="What the other person of a warm transfer hears.")
    say: str | None = Field(
        default=None,
        max_length=MOST_CHARACTERS,
        description="What the caller hears before; left out, that they are put through, in the agent's language where "
        "that is known; empty says nothing.",
    )
    timeout_seconds: RingSeconds = Field(default=30, description="How long it rings.")
