"""Who is at a simulated phone, made ready before the phone is picked up."""

import logging
from collections.abc import Callable, Mapping

from local.cloudonix.dial import Surroundings
from local.cloudonix.phones import tones
from local.cloudonix.phones.phone import Phone
from local.people.caller import CallerEvent, CallerMachine
from local.people.lines import Act, read_line
from local.people.scripts import CallerScript
from offhook.errors import EngineError

logger = logging.getLogger(__name__)


async def prepare_speech(script: CallerScript, around: Surroundings) -> Mapping[str, bytes]:
    """Return all that a person will say, as mu-law; nothing but tones where there is no synthesiser."""
    texts = {line.text for line in map(read_line, script.lines) if line.is_spoken}
    sounds = {Act.BEEP.value: tones.beep()}
    try:
        return sounds | {text: await around.synthesise(text) for text in texts}
    except EngineError as error:
        logger.warning("the caller has no voice and stays silent", extra={"reason": error.code})
        return sounds


def pick_up(
    script: CallerScript,
    speech: Mapping[str, bytes],
    around: Surroundings,
    *,
    on_event: Callable[[CallerEvent], None],
    on_hang_up: Callable[[], None],
) -> Phone:
    """Return the phone of a person who has just answered."""
    person = CallerMachine([read_line(text) for text in script.lines], speech, on_event=on_event)
    return Phone(person, on_hang_up=on_hang_up, tick_seconds=around.tick_seconds)
