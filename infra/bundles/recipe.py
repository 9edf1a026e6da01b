"""What each bundle is made of, and the digest that changes when any of it does."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.bundles.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Extras of pyproject.toml and packages of ours; `root` is where the bundle lies when it runs."""

    name: str
    extras: tuple[str, ...]
    packages: tuple[str, ...]
    root: str

    def sources(self, project: Path) -> Iterator[Path]:
        """Yield the files of our packages, in order."""
        for package in self.packages:
            yield from _files(project / package)

    def digest(self, project: Path, target: Target, requirements: str, *, is_compiled: bool) -> str:
        """Return 64 hex digits for all that goes into the bundle, how it is made included."""
        digest = hashlib.sha256(f"{self}\n{target}\ncompiled: {is_compiled}\n{requirements}".encode())
        for path in self.sources(project):
            _add(digest, path.relative_to(project).as_posix(), path)
        for path in _files(Path(__file__).parent):
            _add(digest, path.name, path)
        return digest.hexdigest()


FUNCTIONS = Recipe(
    name="functions", extras=("functions",), packages=("offhook", "functions"), root="/var/task"
)
STREAMER = Recipe(
    name="streamer", extras=("streamer", "mcp"), packages=("offhook", "streamer"), root="/opt/offhook"
)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a package without what Python or an editor left there."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield path


def _add(digest: "hashlib._Hash", name: str, path: Path) -> None:
    content = path.read_bytes()
    digest.update(f"{name} {len(content)}\n".encode())
    digest.update(content)
