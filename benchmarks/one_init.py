"""One start of a function, as Lambda makes it: `python -m benchmarks.one_init MODULE < event` prints what it cost.

Imports nothing that a function would otherwise have to import itself, so that the cost is the function's own.
"""

import importlib
import json
import sys
from resource import RUSAGE_SELF, getrusage
from types import SimpleNamespace
from typing import Any

_CONTEXT = SimpleNamespace(
    function_name="offhook",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:offhook",
    aws_request_id="b2c1",
)


def _cpu_ms() -> float:
    # Of all threads, and from the first instruction of the interpreter on.
    usage = getrusage(RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def main() -> None:
    event: dict[str, Any] = json.load(sys.stdin)
    handler = importlib.import_module(sys.argv[1]).handler
    init_ms = _cpu_ms()
    answer = handler(event, _CONTEXT)
    print(json.dumps({"init_ms": init_ms, "first_ms": _cpu_ms() - init_ms, "answer": answer}))


if __name__ == "__main__":
    main()
