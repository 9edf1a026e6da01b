"""The bundles: small enough, whole by themselves, and the same for the same sources."""

import filecmp
import hashlib
import inspect
import json
import math
import shutil
import subprocess
import sys
import zipfile
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from infra.bundles import AWS, Bundle, Target, UvError, functions_bundle, streamer_bundle
from infra.bundles.compiling import find_python
from infra.bundles.installing import install, locked_requirements
from infra.bundles.pruning import SDK_SERVICES, prune
from infra.bundles.recipe import FUNCTIONS, STREAMER
from streamer.media.mulaw import SILENT_CHUNK, encode
from tests.support.room_calls import stored_calls

# They compress for ten seconds where nobody else wants the processors.
pytestmark = pytest.mark.timeout(300)

PROJECT = Path(__file__).parents[2]
HERE = Target.here()
# Enough for a handler to start: it finds no database, which must not keep it from that.
ENVIRONMENT = {
    "OFFHOOK_PUBLIC_BASE_URL": "https://voice.example.com",
    "OFFHOOK_INSTALL_SECRET": "a secret of more than 32 characters",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
# Imports all modules of ours, handlers included, opens a client of each service, and tells where all came from.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
folder, packages, services = sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(",")
sys.path.insert(0, folder)
for package in packages:
    for module in pkgutil.walk_packages([f"{folder}/{package}"], package + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
import botocore.session
for service in services:
    botocore.session.Session().create_client(service)
places = {name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}
print(json.dumps(places))
"""
# numpy imports some of its parts when they are first used.
HEAR_AND_FIND = """
import sys
sys.path.insert(0, sys.argv[1])
from streamer.speech.beep import BeepDetector
from streamer.speech.voice import WebRtcVoiceDetector
from streamer.tools.words import WordIndex
audio, beep, voice = bytes.fromhex(sys.argv[2]), BeepDetector(), WebRtcVoiceDetector()
chunks = [audio[start : start + 160] for start in range(0, len(audio), 160)]
print(sum(map(beep.hear, chunks)), sum(map(voice.is_voiced, chunks)))
print(WordIndex(["We open at nine.", "Guests park behind the house."], "en-US").best("where is parking"))
"""
# What holidays and phonenumbers know of the countries is data that they load when they are asked.
TELL_HOURS = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import date, timedelta
from offhook.callinghours.calendars import is_holiday, is_worked
from offhook.callinghours.zones import group_of, zones_of
print([group_of(number) for number in ("+14155550123", "+61291234567", "+34912345678")])
print([zone.key for zone in zones_of("America/New_York,Asia/Kolkata")])
days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
for country in ("US", "DE", "IL", "JP", "BR"):
    print([is_holiday(country, day) for day in days], [is_worked(country, day) for day in days])
print(sys.modules["holidays"].__file__.startswith(sys.argv[1]))
"""
TELL_MODULE = """
import marshal, sys
data = open(sys.argv[1], "rb").read()
print(int.from_bytes(data[4:8], "little"), marshal.loads(data[16:]).co_filename)
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Bundle], Path]:
    """Unpack a bundle's archive, once for all who look into it."""

    @cache
    def unpack(bundle: Bundle) -> Path:
        folder = tmp_path_factory.mktemp("unpacked")
        with zipfile.ZipFile(bundle.archive) as archive:
            archive.extractall(folder)
        return folder

    return unpack


def names_of_unused(names: Iterable[str]) -> list[str]:
    return [name for name in names if "geodata" in name or "/tests/" in name or name.startswith("bin/")]


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1_000_000


@pytest.mark.parametrize(
    ("make", "most_megabytes"), [(functions_bundle, 17), (streamer_bundle, 53)], ids=["functions", "streamer"]
)
def test_the_archive_is_small(make: Callable[..., Bundle], most_megabytes: int) -> None:
    archive = make(target=HERE).archive
    assert archive.stat().st_size <= most_megabytes * 1_000_000
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    assert "offhook/settings.py" in names
    assert not names_of_unused(names)


def test_what_goes_to_aws_is_there_for_it_and_is_small(tmp_path: Path) -> None:
    # Archive and compiled modules of the streamer, eight seconds, are made as they are for this machine.
    assert {
        inspect.signature(make).parameters["target"].default for make in (functions_bundle, streamer_bundle)
    } == {AWS}
    install(PROJECT, locked_requirements(PROJECT, STREAMER.extras), tmp_path, AWS)
    prune(tmp_path)
    functions = functions_bundle().folder
    assert megabytes(functions) <= 44
    assert megabytes(tmp_path) <= 124
    for folder in (functions, tmp_path):
        assert not names_of_unused(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        libraries = [path.name for path in folder.rglob("*.cpython-*.so")]
        assert libraries
        assert all("-313-aarch64-" in name for name in libraries)


@pytest.mark.parametrize(
    ("make", "packages"),
    [(functions_bundle, "offhook,functions"), (streamer_bundle, "offhook,streamer")],
    ids=["functions", "streamer"],
)
def test_everything_is_imported_from_the_bundle_alone(
    make: Callable[..., Bundle], packages: str, unpacked: Callable[[Bundle], Path]
) -> None:
    folder = unpacked(make(target=HERE))
    python = find_python(PROJECT, HERE.python)
    assert python
    # Isolated and without its own packages.
    arguments = [python, "-I", "-S", "-c", IMPORT_ALL, str(folder), packages, ",".join(SDK_SERVICES)]
    done = subprocess.run(arguments, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    places: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    own = {name: place for name, place in places.items() if name.partition(".")[0] in packages.split(",")}
    handlers = {f"functions.{path.parent.name}.handler" for path in PROJECT.glob("functions/*/handler.py")}
    assert own.keys() >= (
        handlers if "functions" in packages else {"streamer.main", "streamer.speech.transcribe.http2"}
    )
    foreign = {
        place
        for place in places.values()
        if not Path(place).is_relative_to(folder)
        and ("site-packages" in place or place.startswith(str(PROJECT)))
    }
    assert not foreign


def test_what_is_calculated_in_a_call_is_calculated_in_the_bundle(unpacked: Callable[[Bundle], Path]) -> None:
    folder = unpacked(streamer_bundle(target=HERE))
    python = find_python(PROJECT, HERE.python)
    assert python
    samples = array("h", (round(6000 * math.sin(math.tau * n / 8)) for n in range(4000)))
    audio = encode(samples.tobytes()) + SILENT_CHUNK * 10
    done = subprocess.run(
        [python, "-I", "-S", "-c", HEAR_AND_FIND, str(folder), audio.hex()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heard, found = done.stdout.splitlines()
    assert heard.startswith("1 ")
    assert found == "[1]"


def test_the_bundle_knows_the_zones_of_numbers_and_the_holidays_of_countries_as_this_machine_does() -> None:
    def told(folder: Path, *flags: str) -> list[str]:
        python = find_python(PROJECT, HERE.python)
        assert python
        arguments = [python, *flags, "-c", TELL_HOURS, str(folder)]
        done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    bundled = told(functions_bundle(target=HERE).folder, "-I", "-S")
    assert bundled[-1] == "True"
    assert "('US', 'America/Los_Angeles')" in bundled[0]
    assert bundled[:-1] == told(PROJECT)[:-1]


def test_every_service_that_rooms_were_seen_to_ask_is_in_the_bundles() -> None:
    asked = {call.partition(":")[0] for its in stored_calls().values() for call in its}
    # Rights to ask models are rights of Bedrock, which the SDK knows by another name.
    assert {each.replace("bedrock", "bedrock-runtime") for each in asked} - {"transcribe"} == SDK_SERVICES


def test_modules_are_compiled_for_where_they_will_run_and_their_sources_lie_beside_them() -> None:
    python = find_python(PROJECT, AWS.python)
    if python is None:
        pytest.skip(f"Python {AWS.python} is not installed here")
    folder = functions_bundle().folder
    module = folder / "offhook" / "__pycache__" / "settings.cpython-313.pyc"
    told = subprocess.run(
        [python, "-c", TELL_MODULE, str(module)], capture_output=True, text=True, check=True
    )
    # 1: the source's hash is in it, and nobody compares that.
    assert told.stdout.split() == ["1", "/var/task/offhook/settings.py"]
    assert filecmp.cmp(folder / "offhook" / "settings.py", PROJECT / "offhook" / "settings.py", shallow=False)


def test_a_bundle_that_is_there_is_not_made_again() -> None:
    first = functions_bundle(target=HERE)
    before = first.folder.stat()
    again = functions_bundle(target=HERE)
    after = again.folder.stat()
    assert again == first
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    bundles = [functions_bundle(target=HERE), functions_bundle(tmp_path, HERE)]
    assert bundles[0].folder != bundles[1].folder
    assert len({hashlib.sha256(bundle.archive.read_bytes()).hexdigest() for bundle in bundles}) == 1


def test_the_digest_changes_with_all_that_goes_in_and_with_nothing_else(tmp_path: Path) -> None:
    for package in FUNCTIONS.packages:
        (tmp_path / package).mkdir()
    source = tmp_path / "offhook" / "settings.py"
    source.write_text("LIMIT = 1\n")

    def digest(target: Target = AWS, requirements: str = "pydantic==2", is_compiled: bool = True) -> str:
        return FUNCTIONS.digest(tmp_path, target, requirements, is_compiled=is_compiled)

    plain = digest()
    different = {
        plain,
        digest(requirements="pydantic==3"),
        digest(is_compiled=False),
        digest(target=replace(AWS, platform="x86_64-manylinux_2_34")),
    }
    assert len(different) == 4
    (tmp_path / "offhook" / "__pycache__").mkdir()
    (tmp_path / "offhook" / "__pycache__" / "settings.cpython-313.pyc").write_bytes(b"x")
    (tmp_path / "offhook" / ".settings.py.swp").write_bytes(b"x")
    assert digest() == plain
    source.write_text("LIMIT = 2\n")
    assert digest() != plain
    source.write_text("LIMIT = 1\n")
    assert digest() == plain
    shutil.move(source, tmp_path / "functions" / "settings.py")
    assert digest() != plain


def test_what_cannot_be_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(UvError, match="uv pip install failed:\n"):
        install(PROJECT, "pydantic==", tmp_path, HERE)


def test_a_python_that_is_not_there_is_not_found() -> None:
    assert find_python(PROJECT, "3.99") is None
    assert find_python(PROJECT, "{}.{}".format(*sys.version_info[:2])) == sys.executable
