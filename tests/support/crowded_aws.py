"""An AWS with very many runs in it, in a process of its own: `python -m tests.support.crowded_aws`.

It prints its address; then each line on its standard input, `{"table": …, "region": …, "step": …, "times": …}`, has
it repeat the runs of a table so many times, each time with ids higher by `step`, and print `done`. It lives until its
standard input closes.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

from local.aws.moto_backends import mend_dynamodb
from offhook.adapters.dynamodb.runs.run_item import run_key, sortable_id
from offhook.adapters.dynamodb.tables import LISTED
from tests.support.moto_process import serve


class CrowdedAws:
    """The child, seen from its parent."""

    def __init__(self, stdin: IO[str], stdout: IO[str]) -> None:
        self._stdin, self._stdout = stdin, stdout
        self.url = stdout.readline().strip()

    def repeat(self, **order: Any) -> None:
        """Have the runs of a table repeated; return when they are there."""
        self._stdin.write(json.dumps(order) + "\n")
        self._stdin.flush()
        assert self._stdout.readline().strip() == "done"


@contextmanager
def crowded_aws() -> Iterator[CrowdedAws]:
    command = [sys.executable, "-m", "tests.support.crowded_aws"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield CrowdedAws(process.stdin, process.stdout)
        process.stdin.close()


def main() -> None:
    mend_dynamodb()
    _say(serve())
    for line in sys.stdin:
        _repeat(**json.loads(line))
        _say("done")


def _repeat(*, table: str, region: str, step: int, times: int) -> None:
    # 50,000 requests would take minutes. The values that runs share are shared here too.
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][region].get_table(table)
    runs = [item for partition in stored.items.values() for item in partition.values()]
    for time in range(1, times + 1):
        for run in runs:
            copied = _copy(run, int(run.attrs["gsi1sk"].value) + time * step)
            stored.items[copied.hash_key][copied.range_key] = copied


def _copy(run: Item, run_id: int) -> Item:
    copied = copy.copy(run)
    copied.hash_key = DynamoType({"S": run_key(run_id)[0]})
    sort_key = DynamoType({"S": sortable_id(run_id)})
    listed = copy.copy(run.attrs[LISTED])
    listed.value = {**listed.value, "id": DynamoType({"N": str(run_id)})}
    ids = {"pk": copied.hash_key, "gsi1sk": sort_key, LISTED: listed}
    # Its own __setitem__ weighs the whole item for each attribute.
    copied.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(copied.attrs, {**run.attrs, **ids})
    return copied


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
