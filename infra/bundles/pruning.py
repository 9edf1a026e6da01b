"""What is installed and nobody uses: half of it by size."""

import shutil
from collections.abc import Iterator
from pathlib import Path

SDK_SERVICES = frozenset({"bedrock-runtime", "dynamodb", "kms", "polly", "s3", "secretsmanager", "sqs"})
"""Services that the rooms make clients of; Transcribe has none, its requests are signed by hand."""

_UNUSED = (
    "bin",  # programs, which name the Python of this machine
    ".lock",
    "pydantic/v1",  # the older interface, which FastAPI imports where it is there, for nothing
    "phonenumbers/geodata",
    "phonenumbers/carrierdata",
    "holidays/financial",
    "holidays/locale",  # the names of holidays in other languages; only their days count
    "numpy/f2py",
    "numpy/ma",
    "numpy/polynomial",
    "numpy/random",
    "numpy/testing",
    "numpy/_core/_simd.*",  # this and the next are libraries of its own tests
    "numpy/_core/_*_tests.*",
    "**/tests",
    "**/include",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.c",
    "**/*.h",
    "**/*.a",
    # Of what is installed its metadata, entry points and licences are kept: the first two are read at run time.
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    "*.dist-info/WHEEL",
)


def prune(packages: Path) -> None:
    """Remove from installed packages what no room uses."""
    for path in (*_unused(packages), *_unused_services(packages)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _unused(packages: Path) -> Iterator[Path]:
    for pattern in _UNUSED:
        # Listed first: what lies below a removed folder is gone already.
        yield from list(packages.glob(pattern))


def _unused_services(packages: Path) -> Iterator[Path]:
    data = packages / "botocore" / "data"
    for path in list(data.iterdir()):
        if path.is_dir() and path.name not in SDK_SERVICES:
            yield path
