"""What a whole install keeps through restarts, kills and stops in the middle of calls."""

import os
import signal
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from tests.support.processes import Known, command_of, descendants, is_alive, wait_for
from tests.support.recordings import Recording
from tests.support.whole_install import (
    STOP_LIMIT_S,
    Document,
    WholeInstall,
    wait_for_end_of,
    whole_install,
)

pytestmark = pytest.mark.timeout(180)

_LINKS = ("recording_url", "transcript_url")


def without_links(run: Document) -> Document:
    return {name: value for name, value in run.items() if name not in _LINKS}


def is_speech_of(speaker: str) -> Callable[[Document], bool]:
    return lambda event: (event["type"], event["data"].get("speaker")) == ("transcript", speaker)


def assert_recorded(run: Document) -> None:
    recording = Recording.read(httpx.get(run["recording_url"], trust_env=False).content)
    assert recording.duration_ms / 1000 == pytest.approx(run["usage_info"]["call_duration_seconds"], abs=0.5)


def assert_settled(install: WholeInstall, run_id: int, acknowledged: list[Document]) -> None:
    run, log = install.run(run_id), install.events(run_id)
    assert (run["status"], run["disposition"], run["end_reason"]) == ("failed", "error", "system_error")
    assert run["usage_info"]["call_duration_seconds"] > 0
    assert [event["type"] for event in log].count("end") == 1
    document = httpx.get(run["transcript_url"], trust_env=False).json()
    corrected = {event["data"]["segment_id"] for event in log if event["type"] == "correction"}
    said = [event["data"] for event in acknowledged if event["type"] == "transcript"]
    kept = [line["text"] for line in said if line["segment_id"] not in corrected]
    assert kept
    assert set(kept) <= {segment["text"] for segment in document["segments"]}


def assert_drained(install: WholeInstall, run_id: int) -> None:
    run = install.run(run_id)
    assert (run["status"], run["disposition"]) == ("completed", "drained")
    assert [event["type"] for event in install.events(run_id)].count("end") == 1
    assert_recorded(run)


def test_a_killed_and_a_stopped_install_are_there_again_with_all_that_they_had_acknowledged(
    tmp_path: Path,
) -> None:
    arguments = (tmp_path / "up", "--data", str(tmp_path / "data"))
    with WholeInstall(*arguments) as first:
        cut_off = first.call("+15555550103")
        finished = first.wait_until_over(first.call("+15555550104"))
        log_of_finished = first.events(finished["id"])
        key = first.offhook("keys", "create", "--json").document["api_key"]
        first.wait_for_event(cut_off, is_speech_of("caller"))
        acknowledged = first.events(cut_off)
        family = first.kill(with_children=True)
        wait_for_end_of(family)
    assert len(family) == 3
    with WholeInstall(*arguments) as second:
        same = ("api_key", "agent_uuid", "trigger_path", "organization_id")
        assert [second.first_line[name] for name in same] == [first.first_line[name] for name in same]
        second.http.headers["X-API-Key"] = key
        assert without_links(second.run(finished["id"])) == without_links(finished)
        assert second.events(finished["id"]) == log_of_finished
        assert_recorded(second.run(finished["id"]))
        assert second.run(cut_off)["initial_context"]["called_number"] == "+15555550103"
        assert second.events(cut_off)[: len(acknowledged)] == acknowledged
        assert second.run_ids() == [finished["id"], cut_off]
        assert_settled(second, cut_off, acknowledged)
        later = second.wait_until_over(second.call("+15555550105"))
        talking, ringing = second.call("+15555550102"), second.call("+15555550106")
        second.wait_for_event(talking, is_speech_of("agent"))
        second.wait_for_status(ringing, "ringing")
        assert second.stop(limit_s=8) == 0
        assert "Traceback" not in second.stderr
    with whole_install(*arguments) as third:
        assert third.run_ids() == [ringing, talking, later["id"], finished["id"], cut_off]
        assert third.run(later["id"]) == later
        assert third.events(cut_off)[: len(acknowledged)] == acknowledged
        assert_drained(third, talking)
        assert third.run(ringing)["status"] == "canceled"
        assert third.wait_until_over(third.call("+15555550105"))["status"] == "busy"


def streamers(install: WholeInstall) -> list[Known]:
    family = filter(is_alive, descendants(install.process.pid))
    return [known for known in family if "local.install.streamer" in command_of(known)]


def _ask_streamer(install: WholeInstall) -> int:
    # On a connection of its own: the edge sends all of one to the same place.
    url = f"{install.base_url}/nothing"
    return httpx.get(url, headers={"Upgrade": "websocket"}, timeout=10, trust_env=False).status_code


def kill_streamer(install: WholeInstall) -> None:
    """Kill the streamer, once it answers."""
    wait_for(lambda: len(streamers(install)) == 1, STOP_LIMIT_S)
    wait_for(lambda: _ask_streamer(install) == HTTPStatus.NOT_FOUND, STOP_LIMIT_S)
    (streamer,) = streamers(install)
    os.kill(streamer.pid, signal.SIGKILL)
    wait_for_end_of([streamer])


@pytest.mark.long
def test_a_streamer_that_dies_is_started_again_and_goes_on_with_its_call(tmp_path: Path) -> None:
    with WholeInstall(tmp_path / "up") as install:
        run_id = install.call("+15555550100")
        install.wait_for_event(run_id, is_speech_of("caller"))
        acknowledged = install.events(run_id)
        kill_streamer(install)
        run = install.wait_until_over(run_id)
        assert (run["status"], run["disposition"]) == ("completed", "confirmed")
        assert_recorded(run)
        log = install.events(run_id)
        assert log[: len(acknowledged)] == acknowledged
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        types = [event["type"] for event in log]
        assert (types.count("takeover"), types.count("end")) == (2, 1)
        # One that dies again and again is not started for ever.
        for _ in range(3):
            kill_streamer(install)
        assert install.process.wait(STOP_LIMIT_S) == 1
        assert install.stderr.count("is started again") == 3
        assert "local.install.streamer ended by itself" in install.stderr
        assert "Traceback" not in install.stderr


@pytest.mark.long
def test_a_streamer_that_dies_again_while_it_starts_is_started_once_more(tmp_path: Path) -> None:
    with WholeInstall(tmp_path / "up") as install:
        kill_streamer(install)
        for _ in range(2):
            wait_for(lambda: len(streamers(install)) == 1, STOP_LIMIT_S)
            (starting,) = streamers(install)
            os.kill(starting.pid, signal.SIGKILL)
            wait_for_end_of([starting])
        assert install.wait_until_over(install.call("+15555550100"))["disposition"] == "confirmed"
        assert install.stderr.count("is started again") == 3
        assert "Traceback" not in install.stderr
        # Without a signal to its children, which must see for themselves that they are alone.
        wait_for_end_of(install.kill(with_children=False))


def test_an_install_that_loses_a_part_ends_and_says_which(tmp_path: Path) -> None:
    with WholeInstall(tmp_path / "up") as install:
        family = descendants(install.process.pid)
        (speech,) = (known for known in family if "local.speech" in command_of(known))
        os.kill(speech.pid, signal.SIGKILL)
        assert install.process.wait(STOP_LIMIT_S) == 1
        wait_for_end_of(family)
        assert "local.speech ended by itself" in install.stderr
        assert "Traceback" not in install.stderr
