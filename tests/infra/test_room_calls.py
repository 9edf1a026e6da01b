"""What rooms ask of AWS is noticed, wherever they do, and fails a run that nobody has granted it for."""

import os
import subprocess
import sys
from pathlib import Path

import tests.support.recording
from tests.support.recording.calls import FOLDER_VARIABLE

RECORDING = Path(tests.support.recording.__file__).parent
PROJECT = RECORDING.parents[2]
PLUGIN = ("-p", "tests.support.room_calls", "-p", "no:randomly", "-p", "no:cacheprovider", "--rootdir", ".")

# A link is signed without being sent, and needs the right to what it leads to all the same.
SIGNS = """
import sys
from botocore.session import Session

s3 = Session().create_client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
s3.generate_presigned_url("get_object", Params={"Bucket": "media", "Key": "org/acme/run/7/recording.wav"})
"""
OF_NOBODY = f"def test_of_nobody():\n    {SIGNS.strip().replace(chr(10), chr(10) + '    ')}\n"
OF_A_ROOM = """
import contextvars
from tests.support.recording import calls

def test_of_a_room():
    from botocore.session import Session
    sqs = Session().create_client("sqs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    calls._room.set("api_keys")
    sqs.generate_presigned_url("send_message", Params={"QueueUrl": "https://sqs/1/test-dials", "MessageBody": "1"})
"""


def run_tests(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    test = folder / "test_it.py"
    test.write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", FOLDER_VARIABLE)
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGIN, str(test)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_that_a_test_starts_notes_what_its_function_asks_for(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(RECORDING), FOLDER_VARIABLE: str(tmp_path)}
    command = [sys.executable, "-c", SIGNS, "functions.runs.handler.handler"]
    subprocess.run(command, env=environment, check=True)
    (noted,) = tmp_path.iterdir()
    assert noted.read_text() == "runs s3:GetObject media org/*/run/*\n"


def test_a_run_that_sees_a_call_nobody_granted_fails_and_names_it(tmp_path: Path) -> None:
    done = run_tests(tmp_path, OF_A_ROOM)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "api_keys sqs:SendMessage dials" in done.stdout
    assert "grant it in infra/grants.py" in done.stdout


def test_what_tests_do_themselves_is_nobodys(tmp_path: Path) -> None:
    done = run_tests(tmp_path, OF_NOBODY)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
