"""How fast sockets may come from one network."""

import asyncio

from streamer.sockets.newcomers import Newcomers


async def test_a_network_may_come_with_a_second_at_once_and_then_as_time_passes() -> None:
    loop = asyncio.get_running_loop()
    now_s = 1000.0
    loop.time = lambda: now_s  # type: ignore[method-assign]
    newcomers = Newcomers(8)
    came = [newcomers.may_come("192.0.2.1") for _ in range(1000)]
    assert came.count(True) == came.index(False) == 8
    assert newcomers.may_come("192.0.2.2")
    now_s += 0.5
    assert [newcomers.may_come("192.0.2.1") for _ in range(10)].count(True) == 4
    del loop.time


async def test_what_is_kept_of_networks_is_bounded() -> None:
    newcomers = Newcomers(8)
    assert all(newcomers.may_come(f"network {number}") for number in range(30_000))
    assert len(newcomers._busy_until_s) <= 10_000
