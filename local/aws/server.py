"""DynamoDB, S3 and SQS on this machine: `python -m local.aws.server --port P --data DIR`.

A process of its own, so that its work never holds the audio loop. It prints one line of JSON, `{"url": …}`, once
it can be reached, and ends on SIGTERM or when its standard input closes (its parent is gone). With `--data` it keeps
what it holds in a journal and has it again at the next start. Queues and their messages are not kept, for the reaper
asks again for what they asked for; nor are unfinished multipart uploads and older versions of versioned objects.
"""

import argparse
import gc
import json
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local.aws.journal import Journal
from local.aws.journaling import JournaledApp
from local.aws.moto_backends import mend_cors, mend_dynamodb, mend_uploads
from local.aws.queues import PatientQueues
from local.aws.serving import make_aws_server
from local.processes.parent import live_with_parent
from offhook.errors import OffhookError


def main(argv: list[str] | None = None) -> int:
    arguments = _parse(argv)
    # Before anything else: the parent may end us, or itself, at any moment.
    signal.signal(signal.SIGTERM, _exit)
    live_with_parent()
    try:
        _serve(arguments.port, arguments.data)
    except (OffhookError, OSError) as error:
        _notice(str(error))
        return 1
    return 0


def _serve(port: int, data: Path | None) -> None:
    # Quiet: a healthy install has nothing to say once for each of its requests.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = _restored_app(data)
    server = make_aws_server(port, PatientQueues(app))
    try:
        print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
        server.serve_forever()
    finally:
        server.server_close()
        app.close()


def _restored_app(data: Path | None) -> JournaledApp:
    mend_dynamodb()
    mend_uploads()
    mend_cors()
    # The collector would walk the growing state over and over: most of the time of a restart.
    gc.disable()
    journal = Journal(data, on_notice=_notice) if data else None
    app = JournaledApp(DomainDispatcherApplication(create_backend_app), journal, on_notice=_notice)
    app.restore()
    gc.freeze()
    gc.enable()
    return app


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="local.aws.server", description="DynamoDB, S3 and SQS on this machine."
    )
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--data", type=Path, help="folder that keeps the data; without it, memory only")
    return parser.parse_args(argv)


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _notice(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
