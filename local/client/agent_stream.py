"""CXML that connects a call to an agent in each of the three published forms, as a voice application would write it."""

from enum import StrEnum
from urllib.parse import quote

from offhook.telephony.links import API_PATH


class Form(StrEnum):
    """How the address of the stream names the agent, the call and who may."""

    A = "a"
    """An API key, and the carrier's token, in the address."""
    B = "b"
    """The domain in the address; the token is the one of the stored telephony configuration."""
    C = "c"
    """The provider in the path; all else is in the stream's `start`."""


def agent_stream_document(
    form: Form, *, base_url: str, agent_uuid: str, api_key: str, cloudonix_token: str
) -> str:
    """Write the document, with the simulated carrier's placeholders for what is the call's own.

    Its addresses have a raw `&` and `+`, as published examples have: that is what people paste.
    """
    ws_url = "ws" + base_url.removeprefix("http") + API_PATH
    path = {
        Form.A: f"/agent-stream/{agent_uuid}?api_key={quote(api_key)}&provider=cloudonix"
        f"&session={quote(cloudonix_token)}&AccountSid={{Domain}}&CallSid={{CallSid}}&callId={{Session}}"
        "&from={From}&to={To}",
        Form.B: f"/agent-stream/{agent_uuid}?provider=cloudonix&Domain={{Domain}}&callId={{Session}}"
        "&from={From}&to={To}",
        Form.C: f"/agent-stream/cloudonix/{agent_uuid}",
    }[form]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="{ws_url}{path}"/></Connect>'
        "<Redirect>{Again}</Redirect></Response>"
    )
