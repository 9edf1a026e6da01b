"""What it costs to read a file of contacts: through the front door, by the feeder's importer, into the embedded AWS.

    python -m benchmarks.contacts [--rows 100000]

Prints how long it takes, how much more memory than a tenth of it, and how many requests to AWS a contact costs. Exit status
1 when 100,000 rows would take more than a minute, or memory grows with them.
"""

import argparse
import asyncio
import resource
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
import httpx

from local.aws.environment import use_aws_at
from local.install.ports import LocalPorts
from local.install.rest import create_rest
from local.install.seed import ORGANIZATION_ID, Seed, plant
from local.processes.children import child
from local.processes.serving import serving
from offhook.adapters.dynamodb.tables import create_tables
from offhook.adapters.s3.contact_files import S3ContactFiles
from offhook.clock import system_clock
from offhook.settings import Settings

MOST_SECONDS_OF_100_000 = 60
MOST_GROWTH_MB = 32
_CITIES = ("Los Angeles, CA", "Zürich", "New York", "München", "Lyon")
# Area codes of three zones.
_AREAS = ("+1415", "+1212", "+1312")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An install that takes contacts."""

    ports: LocalPorts
    http: httpx.AsyncClient
    seed: Seed
    requests: Counter[str]

    async def read(self, rows: int) -> float:
        """Have a campaign read a file of so many rows; return how many seconds that took."""
        campaign = await self._post("/campaigns", name="Bench", agent_uuid=self.seed.agent_uuid)
        path, body = f"/campaigns/{campaign['id']}", b"".join(_lines(rows))
        upload = await self._post(f"{path}/uploads", size_bytes=len(body))
        sent = await self.http.put(str(upload["url"]), content=body, headers={"Content-Type": "text/csv"})
        sent.raise_for_status()
        del body
        self.requests.clear()
        began_s = time.perf_counter()
        begun = await self._post(f"{path}/imports", upload_id=upload["upload_id"])
        await asyncio.to_thread(self._feed, str(campaign["id"]), int(str(begun["number"])))
        took_s = time.perf_counter() - began_s
        found = (await self.http.get(f"/api/v1{path}/imports/1", headers=self._headers)).json()
        if (found["status"], found["contacts"]) != ("done", rows):
            raise SystemExit(f"Of {rows} rows not all became contacts: {found}")
        return took_s

    def _feed(self, campaign_id: str, number: int) -> None:
        while not self.ports.importer.go_on(
            ORGANIZATION_ID, campaign_id, number, system_clock() + timedelta(seconds=20)
        ):
            pass

    async def _post(self, path: str, **body: object) -> dict[str, object]:
        reply = await self.http.post(f"/api/v1{path}", json=body, headers=self._headers)
        if not reply.is_success:
            raise SystemExit(f"{path}: {reply.text}")
        made: dict[str, object] = reply.json()
        return made

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self.seed.api_key}


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows: int = parser.parse_args().rows
    async with _desk() as desk:
        await desk.read(rows // 10)
        before_mb = _peak_mb()
        took_s = await desk.read(rows)
        growth_mb = _peak_mb() - before_mb
        asked = desk.requests
    print(
        f"{rows:,} rows: {took_s:.1f} s, {rows / took_s:,.0f} rows a second (limit {MOST_SECONDS_OF_100_000} s for 100,000)"
    )
    print(
        f"memory: {growth_mb:.0f} MB more than for {rows // 10:,} (limit {MOST_GROWTH_MB} MB, with the file that is sent)"
    )
    print(f"requests: {asked.total():,}, {asked.total() / rows:.4f} a contact: {dict(asked.most_common())}")
    is_slow = took_s * 100_000 / rows > MOST_SECONDS_OF_100_000
    return int(is_slow or growth_mb > MOST_GROWTH_MB)


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    async with child("local.aws.server") as aws:
        use_aws_at(str(aws.ready["url"]))
        with TemporaryDirectory() as folder:
            ports = LocalPorts(_settings(), key_file=Path(folder) / "key")
            seed = plant(ports, "XI-of-the-benchmark", Path(folder))
            requests = _counted(ports)
            async with serving(create_rest(ports)) as port:
                url = f"http://127.0.0.1:{port}"
                async with httpx.AsyncClient(base_url=url, timeout=60) as http:
                    yield Desk(ports=ports, http=http, seed=seed, requests=requests)
            ports.close()


def _settings() -> Settings:
    sqs = boto3.client("sqs")
    settings = Settings(
        public_base_url="https://offhook.test",
        install_secret="of-the-benchmark-" * 3,
        dial_queue_url=sqs.create_queue(QueueName="dials")["QueueUrl"],
        aftercall_queue_url=sqs.create_queue(QueueName="aftercalls")["QueueUrl"],
        campaign_queue_url=sqs.create_queue(QueueName="campaigns")["QueueUrl"],
    )
    create_tables(boto3.client("dynamodb"), settings)
    boto3.client("s3").create_bucket(Bucket=settings.media_bucket)
    return settings


def _counted(ports: LocalPorts) -> Counter[str]:
    """Return what counts the requests to DynamoDB and S3, by name."""
    counted: Counter[str] = Counter()

    def note(model: object, **_: object) -> None:
        counted[str(getattr(model, "name", ""))] += 1

    ports.store.database.connection.client.meta.events.register("before-call.dynamodb", note)
    files = ports.contact_files
    if isinstance(files, S3ContactFiles):
        files._client.meta.events.register("before-call.s3", note)  # noqa: SLF001
    return counted


def _lines(rows: int) -> Iterator[bytes]:
    yield b"phone_number;first_name;city;note\n"
    for row in range(rows):
        area, city = _AREAS[row % len(_AREAS)], _CITIES[row % len(_CITIES)]
        yield f'{area}{2_000_000 + row:07d};Ada;"{city}";"Order {row}; ""open"""\n'.encode()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
