"""Compiled modules: where a function runs the folder can't be written to, so that each start would compile anew."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_VERSION = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"


def find_python(project: Path, version: str) -> str | None:
    """Return a Python of this minor version; only that one writes modules that the target takes."""
    return next((each for each in _candidates(project, version) if _is(each, version)), None)


def compile_modules(python: str, folder: Path, *, root: str) -> None:
    """Compile all modules for the place where the folder will lie.

    Unchecked: whoever runs them compares no times, which copying changes. Sources stay: tracebacks show their lines,
    and a Python that takes the modules for foreign falls back on them. The same sources give the same bytes.
    """
    where = ("-s", str(folder), "-p", root)
    subprocess.run(  # noqa: S603 - our own arguments
        [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *where, str(folder)],
        # The order of a constant set is that of its hashes.
        env={"PATH": os.defpath, "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _candidates(project: Path, version: str) -> Iterator[str]:
    yield sys.executable
    yield str(project / f".venv-{version}" / "bin" / "python")
    if found := shutil.which(f"python{version}"):
        yield found
    # pyenv's program of that name fails where the version is not switched on.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}*/bin/python{version}")))


def _is(python: str, version: str) -> bool:
    try:
        said = subprocess.run(  # noqa: S603 - our own arguments
            [python, "-c", _VERSION], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return said.stdout.strip() == version
