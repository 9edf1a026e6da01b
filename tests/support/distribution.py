"""How tests are shared out: which run on one worker, which are begun first, and among how many workers.

What several share is made once, and nothing long comes last. pytest-xdist's own groups are marks that pytest 9.2 does not
hand on, so that each worker would make all of it.
"""

import gc
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# Files by what they share.
_GROUPS = {
    "whole install": (
        "up_calling_in",
        "up_capture",
        "up_contract",
        "up_sessions",
        "up_transfers",
        "up_who_answers",
        "n8n_workflow",
        "journey",
        "zapier",
        "up_folder",
        "doctor_aws",
        "operations",
        "webhook_nodes",
    ),
    "eight calls": ("up",),
    "speech of AWS": ("up_speech",),
    "connected domain": ("cloudonix_document",),
    "whole install elsewhere": ("up_media",),
    "tenancy": ("tenancy",),
    "many runs": ("listing_cost",),
    "offline speech": ("offline_speech",),
    # Dozens of calls at once, in real time: two of these side by side leave callers elsewhere too little of the machine.
    "many calls": (
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
    *_GROUPS["many calls"],
    "document_is_kept",
    "up",
    "up_speech",
    "cloudonix_document",
    "up_survival",
    "survival",
    "up_media",
    "full_disk",
    "tenancy",
    "listing_cost",
    "lambda_runtime",
    "offline_speech",
)

_GROUP_OF = {file: name for name, files in _GROUPS.items() for file in files}
_PLACES = {file: place for place, file in enumerate(_FIRST)}


class _Distribution(LoadScopeScheduling):  # type: ignore[misc]  # the library is untyped
    """Hands out groups whole, unit tests by file, since each takes milliseconds, and all others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        # Those of the stack share one synthesis.
        together = {"unit": str(path), "infra": "stack"}
        alone = together.get(path.parent.name, nodeid)
        return _GROUP_OF.get(path.stem.removeprefix("test_"), alone)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    return _Distribution(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers two cores keep busy: one more where tests wait for what people say.

    With two more, callers in real time were left too little of the machine now and then, and were not understood.
    """
    computes_only = all("unit" in Path(argument.partition("::")[0]).parts for argument in config.args)
    return 2 if computes_only else 3


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files in which nothing can have the one mark that is asked for: each worker imports all others.

    Unit tests have theirs by their folder.
    """
    mark = "every_python"
    is_asked_for = config.getoption("markexpr").startswith(mark)
    if not is_asked_for or collection_path.suffix != ".py" or collection_path.parent.name == "unit":
        return None
    return None if mark in collection_path.read_text(encoding="utf-8") else True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _PLACES.get(item.path.stem.removeprefix("test_"), len(_PLACES)))


def pytest_collection_finish() -> None:
    """Leave all that was imported and found out of the garbage collections to come: half a second for each whole one."""
    gc.collect()
    gc.freeze()
