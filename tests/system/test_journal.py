"""The journal keeps the last state of each name, and stays small."""

import errno
import os
import threading
from pathlib import Path

import pytest

from local.aws import records
from local.aws.journal import Journal
from local.aws.records import Record
from offhook.errors import ConflictError, StorageError
from offhook.json_types import JsonValue
from tests.support.processes import wait_for


def _open(folder: Path, notices: list[str] | None = None) -> Journal:
    return Journal(folder, on_notice=(notices if notices is not None else []).append)


def _state(name: str, value: int | None, scope: str = "t") -> Record:
    return Record(scope=scope, name=name, state=None if value is None else {"v": value})


def _restored(folder: Path) -> list[tuple[str, JsonValue]]:
    journal = _open(folder)
    found = [(record.name, (record.state or {})["v"]) for record in journal.take_restored()]
    journal.close()
    return found


def test_the_last_state_of_a_name_wins_and_a_gone_one_stays_gone(tmp_path: Path) -> None:
    journal = _open(tmp_path)
    for record in (_state("a", 1), _state("b", 1), _state("a", 2), _state("c", 1), _state("b", None)):
        journal.append(record)
    journal.close()
    assert _restored(tmp_path) == [("a", 2), ("c", 1)]


def test_dropping_a_scope_drops_its_names_and_no_others(tmp_path: Path) -> None:
    journal = _open(tmp_path)
    journal.append(_state("a", 1, scope="one"))
    journal.append(_state("b", 1, scope="two"))
    journal.append(_state("", None, scope="one"))
    assert journal.names("one") == []
    journal.close()
    assert _restored(tmp_path) == [("b", 1)]


def test_superseded_records_are_compacted_away_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "COMPACT_AT_LEAST", 50)
    journal = _open(tmp_path)
    for value in range(1000):
        journal.append(_state("a", value))
    assert (tmp_path / "journal.log").read_bytes().count(b"\n") <= 52
    journal.close()
    assert _restored(tmp_path) == [("a", 999)]


def test_bodies_that_nothing_refers_to_go_at_the_next_start(tmp_path: Path) -> None:
    journal = _open(tmp_path)
    kept, dropped = journal.put_body(b"kept"), journal.put_body(b"dropped")
    journal.append(Record(scope="b", name="x", state={"v": 1}, body=dropped))
    journal.append(Record(scope="b", name="x", state={"v": 2}, body=kept))
    journal.close()
    journal = _open(tmp_path)
    assert journal.body_path(kept).read_bytes() == b"kept"
    assert not journal.body_path(dropped).exists()
    journal.close()


@pytest.mark.parametrize("damage", [b'0bad5ace ["t","x",{"v":9},null]\n', b"\x00" * 40, b'00000000 ["t"'])
def test_damage_at_the_end_is_set_aside_with_a_notice(tmp_path: Path, damage: bytes) -> None:
    journal = _open(tmp_path)
    journal.append(_state("a", 1))
    journal.close()
    with (tmp_path / "journal.log").open("ab") as log:
        log.write(damage)
    notices: list[str] = []
    _open(tmp_path, notices).close()
    assert len(notices) == 1
    assert (tmp_path / "journal.damaged").read_bytes() == damage
    assert _restored(tmp_path) == [("a", 1)]


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    journal = _open(tmp_path)
    with pytest.raises(ConflictError, match="Another Offhook"):
        _open(tmp_path)
    journal.close()
    _open(tmp_path).close()


def test_records_that_belong_together_are_all_there_or_none(tmp_path: Path) -> None:
    journal = _open(tmp_path)
    journal.append(_state("a", 1))
    journal.append(_state("a", 2), _state("b", 2))
    journal.close()
    log = tmp_path / "journal.log"
    log.write_bytes(log.read_bytes()[:-3])
    assert _restored(tmp_path) == [("a", 1)]


def test_what_the_disk_does_not_confirm_is_written_anew_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    journal = _open(tmp_path, notices)
    monkeypatch.setattr(os, "fsync", lambda _: _fail())
    body = journal.put_body(b"audio")
    journal.append(Record(scope="t", name="a", state={"v": 1}, body=body))
    wait_for(lambda: bool(notices), limit_s=10)
    assert "Input/output error" in notices[0]
    for _ in range(3):
        with pytest.raises(StorageError, match="nothing is changed"):
            journal.append(_state("b", 1))
    monkeypatch.undo()
    before = (tmp_path / "journal.log").stat().st_ino, journal.body_path(body).stat().st_ino
    journal.append(_state("b", 2))
    after = (tmp_path / "journal.log").stat().st_ino, journal.body_path(body).stat().st_ino
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, True]
    assert len(notices) == 2
    journal.close()
    assert _restored(tmp_path) == [("a", 1), ("b", 2)]


def test_a_compaction_that_finds_no_room_is_put_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "COMPACT_AT_LEAST", 50)
    journal = _open(tmp_path)
    monkeypatch.setattr(Path, "replace", lambda *_: _fail())
    for value in range(60):
        journal.append(_state("a", value))
    assert not (tmp_path / "journal.compacting").exists()
    monkeypatch.undo()
    journal.close()
    assert _restored(tmp_path) == [("a", 59)]


def _fail() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_what_the_disk_does_not_confirm_is_written_anew_whoever_is_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync
    appending = threading.Thread(target=lambda: journal.append(_state("b", 1)))

    def on_notice(sentence: str) -> None:
        if "can't be written" in sentence:
            monkeypatch.setattr(os, "fsync", fsync)
            appending.start()
            # Whoever could mend the trouble already would be through with it by then.
            appending.join(0.2)

    journal = Journal(tmp_path, on_notice=on_notice)
    log = tmp_path / "journal.log"
    former = log.stat().st_ino
    monkeypatch.setattr(os, "fsync", lambda _: _fail())
    journal.append(_state("a", 1))
    wait_for(lambda: appending.ident is not None and not appending.is_alive(), 10)
    assert log.stat().st_ino != former
    journal.close()
    assert _restored(tmp_path) == [("a", 1), ("b", 1)]
