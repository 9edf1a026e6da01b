"""The packages of a bundle, as uv.lock pins them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.bundles.target import Target

_OWN_UV = Path(".tools", "bin", "uv")


class UvError(Exception):
    """uv is not there, or could not do what it was asked for; the text says what to do."""


def locked_requirements(project: Path, extras: Sequence[str]) -> str:
    """Return what uv.lock says that a room carries, one requirement with its hashes after the other."""
    asked = ("--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header")
    chosen = [f"--extra={extra}" for extra in extras]
    return _uv(project, ["export", "--quiet", *asked, *chosen])


def install(project: Path, requirements: str, folder: Path, target: Target) -> None:
    """Put the packages into a folder; none is built, since this machine is not the one that runs them."""
    where = ("--python-platform", target.platform, "--python-version", target.python)
    # Copied, for links would have the pruning of this folder change uv's own store.
    how = ("--no-deps", "--only-binary", ":all:", "--link-mode", "copy", "--target", str(folder))
    _uv(project, ["pip", "install", "--quiet", *how, *where, "--requirements", "-"], requirements)


def _uv(project: Path, arguments: Sequence[str], text: str | None = None) -> str:
    # An active environment is none of its business here, and it would warn of it.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(  # noqa: S603 - our own arguments
        [_program(project), *arguments],
        cwd=project,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UvError(f"uv {' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout


def _program(project: Path) -> str:
    own = project / _OWN_UV
    found = str(own) if own.exists() else shutil.which("uv")
    if not found:
        raise UvError("There is no uv to make the bundles with: run make setup.")
    return found
