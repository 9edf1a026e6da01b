"""A second `offhook up` beside a running one: neither its data folder nor its port can be had, and that is said."""

from pathlib import Path

from tests.support.whole_install import WholeInstall, offhook


def test_a_folder_serves_one_install_at_a_time(shared_install: WholeInstall, tmp_path: Path) -> None:
    before = shared_install.run_ids()
    data, port = shared_install.home / "data", shared_install.base_url.rpartition(":")[2]
    arguments = ("up", "--no-demo", "--json", "--data")
    second = offhook(*arguments, str(data), "--port", "0", cwd=tmp_path)
    assert (second.status, second.out) == (1, "")
    assert "Another Offhook is using the data folder" in second.err
    third = offhook(*arguments, str(tmp_path / "more"), "--port", port, cwd=tmp_path)
    assert (third.status, third.out) == (1, "")
    assert (
        third.err
        == f"Port {port} is taken, perhaps by an Offhook that already runs: stop that, or add --port 0 for a free one.\n"
    )
    assert shared_install.run_ids() == before
