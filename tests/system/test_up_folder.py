"""A second `offhook up` beside a running one: neither its data folder nor its port can be had, and that is said."""

import subprocess
from pathlib import Path

import pytest

from tests.support.processes import descendants, listening_ports
from tests.support.whole_install import (
    OFFHOOK,
    WholeInstall,
    clean_environment,
    offhook,
    wait_for_end_of,
)


def taken(port: int | str) -> str:
    return f"Port {port} is taken, perhaps by an Offhook that already runs: stop that, or add --port 0 for a free one.\n"


def test_a_folder_serves_one_install_at_a_time(shared_install: WholeInstall, tmp_path: Path) -> None:
    before = shared_install.run_ids()
    data, port = shared_install.home / "data", shared_install.base_url.rpartition(":")[2]
    arguments = ("up", "--no-demo", "--json", "--data")
    second = offhook(*arguments, str(data), "--port", "0", cwd=tmp_path)
    assert (second.status, second.out) == (1, "")
    assert "Another Offhook is using the data folder" in second.err
    third = offhook(*arguments, str(tmp_path / "more"), "--port", port, cwd=tmp_path)
    assert (third.status, third.out) == (1, "")
    assert third.err == taken(port)
    assert shared_install.run_ids() == before


def test_the_front_doors_port_is_nobody_elses_from_the_first_moment(tmp_path: Path) -> None:
    command = [str(OFFHOOK), "up", "--port", "0", "--no-demo", "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=clean_environment(), stderr=subprocess.PIPE, text=True
    ) as starting:
        assert starting.stderr
        assert starting.stderr.readline() == "Starting Offhook ...\n"
        (port,) = listening_ports(starting.pid)
        other = offhook("up", "--no-demo", "--json", "--port", str(port), cwd=tmp_path)
        assert (other.status, other.out, other.err) == (1, "", taken(port))
        family = descendants(starting.pid)
        starting.kill()
    wait_for_end_of(family)


def test_an_install_that_does_not_start_leaves_no_process_to_its_test(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No such option: --unknown"):
        WholeInstall(tmp_path, "--unknown")
