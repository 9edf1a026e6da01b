"""How tests are shared out: which run on one worker, which are begun first, and which worker lets the others go first.

What several share is made once, and nothing long comes last. pytest-xdist's own groups are marks that pytest 9.2 does not
hand on, so that each worker would make all of it.

Half of the tests wait for people who talk in real time, and half of them compute. Two workers in six are *patient*: they
take what computes, and take the processors only where nobody else wants them, so that callers are understood in time while
nothing lies idle.
"""

import gc
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

_WORKERS = 6
_PATIENT_WORKERS = 2
_SECOND_PYTHONS_MARKS = ("every_python", "lambda_python")
_MANY_CALLS = "many calls"
# Enough to be served after the others, and too little to be starved for as long as any test waits.
_NICENESS = 10
# As many new things as a test makes; at Python's 700 a twentieth of all time is spent on looking for those that are gone.
_COLLECTED_AFTER = 20_000

# Until all tests are found there is nothing but what stays.
gc.disable()

# Files by what they share.
_GROUPS = {
    "whole install": (
        "up_calling_in",
        "up_who_answers",
        "up_transfers",
        "journey",
        "n8n_workflow",
        "zapier",
        "up_contract",
        "up_capture",
        "up_campaign",
        "up_sessions",
        "up_folder",
        "doctor_aws",
        "operations",
        "webhook_nodes",
    ),
    "eight calls": ("up",),
    "speech of AWS": ("up_speech",),
    "agent that thinks": ("agents_doc",),
    "connected domain": ("cloudonix_document",),
    "whole install elsewhere": ("up_media",),
    "tenancy": ("tenancy",),
    "many runs": ("listing_cost",),
    "offline speech": ("offline_speech",),
    "bundles": ("booted_streamer", "bundles"),
    # Dozens of calls at once, in real time: two of these side by side leave callers elsewhere too little of the machine.
    _MANY_CALLS: (
        "speech_faults",
        "model_faults",
        "dograh_shapes",
        "model_replies",
        "what_remains",
        "aws_engines",
        "speaking",
        "clips",
        "run_storm",
        "polly",
        "transcribe",
        "drain",
    ),
}
# Files with what lasts, by the longest piece that one worker has of each.
_FIRST = (
    *_GROUPS["whole install"],
    *_GROUPS[_MANY_CALLS],
    "survival",
    "document_is_kept",
    "up",
    "up_speech",
    "up_survival",
    "agents_doc",
    "cloudonix_document",
    "full_disk",
    "up_media",
    "lambda_runtime",
    "offline_speech",
    *_GROUPS["bundles"],
    "tenancy",
    "listing_cost",
    "openapi",
    "library_logs",
)
# Whose tests compute, without anybody who talks: whole folders, and files of system tests.
_COMPUTING_FOLDERS = ("unit", "contract", "infra", "web")
_COMPUTING = (
    "agents",
    "agents_tools",
    "analytics",
    "api_keys",
    "campaign_export",
    "campaign_steering",
    "campaigns_api",
    "contacts_api",
    "credentials",
    "do_not_call_api",
    "document_is_kept",
    "feeding",
    "feeding_exactly",
    "feeding_stops",
    "knowledge",
    "organization",
    "runs_api",
    "secrets",
    "session_starts",
    "sessions_api",
    "sign_in",
    "spellings",
    "streaming_workflows",
    "tenancy",
    "tools",
)

_GROUP_OF = {file: name for name, files in _GROUPS.items() for file in files}
_PLACES = {file: place for place, file in enumerate(_FIRST)}


class _Distribution(LoadScopeScheduling):  # type: ignore[misc]  # the library is untyped
    """Hands out groups whole, what computes by file, and all others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        group = _group_of(file)
        # On the second Python there are few of these, and little else.
        if group == _MANY_CALLS and _is_second_python(self.config):
            group = None
        return group or (file if _computes(file) else nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        computes = _is_patient(node.gateway.id)
        files = ((unit, next(iter(tests)).partition("::")[0]) for unit, tests in self.workqueue.items())
        chosen = next((unit for unit, file in files if _computes(file) is computes), None)
        if chosen is not None:
            self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


@cache
def _group_of(file: str) -> str | None:
    # Those of the stack share one synthesis.
    return _GROUP_OF.get(_subject(Path(file)), "stack" if Path(file).parent.name == "infra" else None)


@cache
def _computes(file: str) -> bool:
    return Path(file).parent.name in _COMPUTING_FOLDERS or _subject(Path(file)) in _COMPUTING


def _subject(path: Path) -> str:
    return path.stem.removeprefix("test_")


def _is_patient(worker: str) -> bool:
    return int(worker.removeprefix("gw")) % _WORKERS >= _WORKERS - _PATIENT_WORKERS


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    return _Distribution(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers two cores keep busy: more where tests wait for what people say."""
    computes_only = all("unit" in Path(argument.partition("::")[0]).parts for argument in config.args)
    if computes_only:
        return 2
    return _WORKERS


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if worker and _is_patient(worker):
        _give_way()


def _give_way() -> None:
    """Be served after the others."""
    os.nice(_NICENESS)
    # Where Linux shares the processors out by terminal sessions first, that says nothing to what runs in other sessions, as
    # the processes of an install do: so this worker has its own, and that one gives way (sched(7), autogroup).
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(_NICENESS), encoding="ascii")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files in which nothing can have a mark that is asked for: each worker imports all others.

    Unit tests have theirs by their folder.
    """
    if (
        not _is_second_python(config)
        or collection_path.suffix != ".py"
        or collection_path.parent.name == "unit"
    ):
        return None
    text = collection_path.read_text(encoding="utf-8")
    return None if any(mark in text for mark in _SECOND_PYTHONS_MARKS) else True


def _is_second_python(config: pytest.Config) -> bool:
    return " or ".join(_SECOND_PYTHONS_MARKS) in config.getoption("markexpr")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _PLACES.get(_subject(item.path), len(_PLACES)))


def pytest_collection_finish() -> None:
    """Leave all that was imported and found out of the garbage collections to come: half a second for each whole one."""
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 20)
    gc.enable()
