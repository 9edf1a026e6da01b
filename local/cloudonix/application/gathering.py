"""Carrying out Gather: keys are taken while the prompts are played, and for a while after them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from local.cloudonix.application.voice_request import Onward
from local.cloudonix.cxml.verbs import Gather, Prompt
from local.cloudonix.phones.phone import Phone

_MAX_KEYS = 100


@dataclass(slots=True, kw_only=True)
class Digits:
    """The keys pressed so far, and whether that is all."""

    num_digits: int | None
    finish_on_key: str
    text: str = ""
    is_complete: bool = False

    def press(self, key: str) -> None:
        """Take a key; the one that finishes is not among the digits."""
        if self.finish_on_key and key in self.finish_on_key:
            self.is_complete = True
            return
        self.text += key
        self.is_complete = len(self.text) >= (self.num_digits or _MAX_KEYS)


async def gather(phone: Phone, verb: Gather, play: Callable[[Prompt], Awaitable[None]]) -> Onward | None:
    """Take keys; return where they are told, None where the call goes on with the next verb."""
    pressed: asyncio.Queue[str] = asyncio.Queue(_MAX_KEYS)
    digits = Digits(num_digits=verb.num_digits, finish_on_key=verb.finish_on_key)
    phone.give_keys_to(lambda key: None if pressed.full() else pressed.put_nowait(key))
    try:
        await _play_until_key(verb, play, pressed, digits)
        await _take(pressed, digits, verb.timeout_seconds)
    finally:
        phone.give_keys_to(None)
    if verb.action is None or not (digits.text or verb.tells_nothing_too):
        return None
    return Onward(redirect=verb.action, fields={"Digits": digits.text})


async def _play_until_key(
    verb: Gather, play: Callable[[Prompt], Awaitable[None]], pressed: asyncio.Queue[str], digits: Digits
) -> None:
    async def prompt() -> None:
        for each in verb.prompts:
            await play(each)

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(pressed.get())
        prompting = tasks.create_task(prompt())
        await asyncio.wait((first, prompting), return_when=asyncio.FIRST_COMPLETED)
        # Before it is cancelled: a key that came in this very moment counts.
        if first.done():
            digits.press(first.result())
        first.cancel()
        prompting.cancel()


async def _take(pressed: asyncio.Queue[str], digits: Digits, timeout_seconds: float) -> None:
    while not digits.is_complete:
        try:
            async with asyncio.timeout(timeout_seconds):
                digits.press(await pressed.get())
        except TimeoutError:
            return
