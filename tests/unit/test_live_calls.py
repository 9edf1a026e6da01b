"""The calls of a process by their runs."""

import asyncio
from unittest.mock import create_autospec

from streamer.conductor.conductor import Conductor
from streamer.conductor.playout import Pacer
from streamer.live_calls import LiveCall, LiveCalls
from streamer.record.owned_call import OwnedCall


def make_call() -> LiveCall:
    return LiveCall(conductor=create_autospec(Conductor), record=create_autospec(OwnedCall))


def make_calls() -> LiveCalls:
    return LiveCalls(Pacer(asyncio.get_running_loop()))


async def test_a_call_is_found_by_its_run_until_it_is_over() -> None:
    calls, call = make_calls(), make_call()
    calls.add(7, call)
    assert calls.find(7) is call
    calls.remove(call)
    assert calls.find(7) is None


async def test_a_runs_next_stream_is_found_and_stays_when_the_former_one_goes() -> None:
    calls, former, latter = make_calls(), make_call(), make_call()
    calls.add(7, former)
    calls.add(7, latter)
    calls.remove(former)
    assert calls.find(7) is latter


async def test_the_newer_of_a_runs_two_calls_may_end_first() -> None:
    calls, former, latter = make_calls(), make_call(), make_call()
    calls.add(7, former)
    calls.add(7, latter)
    calls.remove(latter)
    assert calls.are_some
    calls.remove(former)
    assert (calls.find(7), calls.are_some) == (None, False)
