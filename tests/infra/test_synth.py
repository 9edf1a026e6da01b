"""What synthesising needs and what it leaves behind: the same bytes wherever the project lies, sentences where it can't."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.variants import WITHOUT_BUNDLES
from tests.support.stack import UNVALIDATED, Template

ROOT = Path(__file__).parents[2]


def synth(project: Path, outdir: Path, scratch: Path, **context: object) -> subprocess.CompletedProcess[str]:
    """Run the app as the CDK's command line does, without any credentials."""
    given = {**json.loads((project / "cdk.json").read_text())["context"], **WITHOUT_BUNDLES, **context}
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=project,
        env={
            **environment,
            **UNVALIDATED,
            "CDK_OUTDIR": str(outdir),
            "TMPDIR": str(scratch),
            "CDK_CONTEXT_JSON": json.dumps(given),
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def copied_to(project: Path) -> Path:
    for folder in ("infra", "offhook", "functions", "streamer", "web"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("cdk.json", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / file, project)
    return project


def written(folder: Path) -> dict[str, bytes]:
    """Return what is deployed of a folder: the metadata, in which stack traces name the CDK's own folder, is not."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".metadata.json")
    }


def test_the_template_is_the_one_that_reviewers_see(template: Template) -> None:
    from local.generated.stack_template import without_digests

    kept = Path(__file__).with_name("template.json").read_text()
    assert without_digests(template.document) == kept, "It is out of date: run make generate."


@pytest.mark.usefixtures("template")
def test_two_folders_give_the_same_bytes_and_nothing_else_is_left_behind(
    assembly: Path, tmp_path: Path
) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    (elsewhere := tmp_path / "a project elsewhere").mkdir()
    finished = synth(copied_to(elsewhere), tmp_path / "there", scratch)
    assert finished.returncode == 0, finished.stderr
    here, there = written(assembly / "default"), written(tmp_path / "there")
    assert "Offhook.template.json" in here
    assert here == there
    assert list(scratch.iterdir()) == []


def test_an_unknown_option_is_a_sentence_and_fails(tmp_path: Path) -> None:
    finished = synth(ROOT, tmp_path / "out", tmp_path, retention_day=3)
    assert finished.returncode == 1
    assert finished.stderr == "retention_day is not an option of the stack; did you mean retention_days?\n"


def test_without_a_python_that_compiles_for_lambda_synth_says_what_that_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_cdk import App, Stack
    from aws_cdk.assertions import Annotations, Match

    from infra import slow_starts

    monkeypatch.setattr(slow_starts, "find_python", lambda project, version: None)
    made = Stack(App(outdir=str(tmp_path)), "Bundled")
    slow_starts.warn_of_slow_starts(made)
    (warning,) = Annotations.from_stack(made).find_warning("*", Match.string_like_regexp("No Python 3.13"))
    assert "2.4 times as long" in str(warning.entry.data)
