"""Makes the bundles, each once as long as what goes into it stays the same."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.bundles.archive import write_archive
from infra.bundles.compiling import compile_modules, find_python
from infra.bundles.installing import install, locked_requirements
from infra.bundles.pruning import prune
from infra.bundles.recipe import FUNCTIONS, STREAMER, Recipe
from infra.bundles.target import AWS, Target

PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".cache" / "bundles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A folder from which alone everything can be imported; `digest` (64 hex digits) stands for what went into it.

    Without a Python of the target's version it is not compiled, and each start takes 2.4 times as long.
    """

    folder: Path
    digest: str

    @property
    def archive(self) -> Path:
        """The folder as one zip file, the same bytes for the same digest."""
        path = self.folder.with_name(f"{self.folder.name}.zip")
        if not path.exists():
            write_archive(self.folder, path)
        return path


def functions_bundle(cache: Path = CACHE, target: Target = AWS) -> Bundle:
    """Return the one bundle of all functions; `cache` keeps it for the next time.

    Raises UvError where the packages can't be installed.
    """
    return _bundle(FUNCTIONS, cache, target)


def streamer_bundle(cache: Path = CACHE, target: Target = AWS) -> Bundle:
    """Return the bundle of the streamer, likewise."""
    return _bundle(STREAMER, cache, target)


def _bundle(recipe: Recipe, cache: Path, target: Target) -> Bundle:
    python = find_python(PROJECT, target.python)
    requirements = locked_requirements(PROJECT, recipe.extras)
    digest = recipe.digest(PROJECT, target, requirements, is_compiled=python is not None)
    kind = f"{recipe.name}-{target.platform}-{target.python}-"
    folder = cache / f"{kind}{digest[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=cache) as scratch:
            fresh = Path(scratch, recipe.name)
            _fill(fresh, recipe, target, requirements, python)
            _forget_earlier(cache, kind, folder.name)
            _publish(fresh, folder)
    return Bundle(folder=folder, digest=digest)


def _fill(folder: Path, recipe: Recipe, target: Target, requirements: str, python: str | None) -> None:
    install(PROJECT, requirements, folder, target)
    prune(folder)
    for source in recipe.sources(PROJECT):
        copy = folder / source.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    if python:
        compile_modules(python, folder, root=recipe.root)
    for path in (folder, *folder.rglob("*")):
        # Whatever this user's umask says: Lambda reads as another one.
        path.chmod(0o755 if path.is_dir() else 0o644)


def _forget_earlier(cache: Path, kind: str, name: str) -> None:
    """Remove what was made of earlier sources, 50 MB and more each."""
    for earlier in list(cache.glob(f"{kind}*")):
        if earlier.is_dir() and earlier.name != name:
            shutil.rmtree(earlier, ignore_errors=True)
            earlier.with_name(f"{earlier.name}.zip").unlink(missing_ok=True)


def _publish(fresh: Path, folder: Path) -> None:
    try:
        fresh.rename(folder)
    except OSError:
        # Another synth may have been faster, with the same.
        if not folder.exists():
            raise
