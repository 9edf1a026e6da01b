"""The tool by which a model promises a call-back: it says whether that can be; the call itself writes it down."""

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.call_backs import call_back_at
from offhook.workflows.templates import zone_of
from streamer.call.course.promising import Wanted
from streamer.tools.ports import Answer, ToolContext

_NO_NUMBER = "Nobody can be called back from here: this call has no number. Tell the caller so."


class CallBack:
    """Implements Function."""

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        if not (context.values.system.get("caller_number") and context.values.system.get("called_number")):
            raise InvalidInputError(_NO_NUMBER)
        wanted, zone = Wanted.of(arguments), context.tool.call_back_zone
        if not wanted.time and wanted.in_minutes is None:
            raise InvalidInputError(
                "Ask the caller when, and say so in `time`, with a `day`, or in `in_minutes`."
            )
        instant = call_back_at(
            day=wanted.day,
            time_=wanted.time,
            time_zone=zone,
            in_minutes=wanted.in_minutes,
            said_at=context.values.clock(),
        )
        return Answer(
            text=f"Noted for {instant.astimezone(zone_of(zone)):%A, %d %B %Y, %H:%M} ({zone}). Confirm it to the caller; they "
            "are called when this call is over and it is time."
        )
