"""A recording on its way to a bucket that is away."""

import asyncio
from typing import cast

from offhook.runs.model import Ownership
from streamer.record.blocking import Archive
from streamer.record.possession import Possession, RunKeeper
from streamer.record.recording_upload import RecordingUpload
from tests.support.makers import NOON, make_run


class Keeper:
    """Whose run it is."""

    async def renew(self, possession: Possession) -> None:
        """It is ours."""


class Bucket:
    """Takes nothing before it is back."""

    def __init__(self) -> None:
        self.is_back = asyncio.Event()
        self.keys: list[str] = []

    async def put_segment(self, key: str, stereo: bytes) -> None:
        await self.is_back.wait()
        self.keys.append(key)


async def test_what_waits_for_a_bucket_that_is_away_is_bounded() -> None:
    bucket = Bucket()
    ownership = Ownership(owner="a", epoch=1, lease_until=NOON)
    possession = Possession(run=make_run("org_acme"), ownership=ownership, log=())
    upload = RecordingUpload(cast("RunKeeper", Keeper()), cast("Archive", bucket), possession)
    async with asyncio.TaskGroup() as tasks:
        storing = tasks.create_task(upload.run())
        for _ in range(360):
            upload.add(bytes(160_000))
        bucket.is_back.set()
        await upload.flush()
        upload.add(bytes(160_000))
        await upload.flush()
        storing.cancel()
    numbers = [int(key.rpartition("-")[2].removesuffix(".ulaw")) for key in bucket.keys]
    assert numbers == [0, 1, 2, 3, 4, 5, 360]
