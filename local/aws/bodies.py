"""Large bodies as files, each named by the SHA-256 of its content."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path


class Bodies:
    """The bodies in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private(folder)

    def put(self, content: bytes) -> str:
        """Write a body and return its hash; the disk has it after `sync`. Raises OSError, and leaves nothing then."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.path(digest).exists():
            self._write(digest, content)
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest

    def sync(self, digest: str) -> None:
        """Bring a body to the disk; raise OSError."""
        sync_path(self.path(digest))

    def rewrite(self, digest: str) -> None:
        """Bring a body to the disk anew, where the disk has refused to say that it has it; raise OSError."""
        self._write(digest, self.path(digest).read_bytes())
        self.sync(digest)

    def keep_only(self, digests: set[str]) -> None:
        for path in self._folder.iterdir():
            if path.name not in digests:
                path.unlink()

    def _write(self, digest: str, content: bytes) -> None:
        part = self.path(digest).with_suffix(".part")
        try:
            part.write_bytes(content)
            part.replace(self.path(digest))
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise


def make_private(folder: Path) -> None:
    """Make the folder if it is missing, and let nobody but its owner look into it: it holds what callers said."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Another user's folder, shared with us, stays as its owner wants it.
    with suppress(PermissionError):
        folder.chmod(0o700)


def sync_path(path: Path) -> None:
    """Have the disk take what was written to a file or folder; raise OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
