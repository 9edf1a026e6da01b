"""A folder as one zip file, the same bytes whenever and by whomever it is made."""

import os
import zipfile
from pathlib import Path

_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


def write_archive(folder: Path, path: Path) -> None:
    """Write the files of a folder; nobody sees the archive before it is whole."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                entry = zipfile.ZipInfo(each.relative_to(folder).as_posix(), _TIME)
                entry.external_attr = _MODE
                archive.writestr(entry, each.read_bytes(), zipfile.ZIP_DEFLATED)
    unfinished.replace(path)
