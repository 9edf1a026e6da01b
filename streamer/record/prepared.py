"""Versions of agents as calls need them: parsed, with all their wordings worked out, once for all calls of a version."""

from dataclasses import dataclass

from offhook.agents.engine_problems import needs_recogniser
from offhook.agents.model import Version, VersionStatus
from offhook.agents.settings import AgentSettings, parse_settings
from offhook.remembered import Remembered
from offhook.workflows import Phrasebook, Workflow, parse_workflow
from streamer.record.own_texts import own_sentences

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedVersion:
    """What a call follows; without words to hear, it goes by keys alone. `own_sentences` are the same for everybody."""

    workflow: Workflow
    settings: AgentSettings
    phrasebook: Phrasebook
    hears: bool
    own_sentences: tuple[str, ...] = ()


class PreparedVersions:
    """Prepares versions and keeps those used last; drafts still change, and are not kept. May be used by any thread.

    A large definition takes a tenth of a second, which must not be the event loop's.
    """

    def __init__(self) -> None:
        self._kept: Remembered[tuple[str, int], PreparedVersion] = Remembered(_MOST_KEPT)

    def get(self, version: Version) -> PreparedVersion:
        """Return the version prepared; raise InvalidInputError for a stored document that can't be read any more."""
        if version.status is VersionStatus.DRAFT:
            return _prepare(version)
        key = (version.agent_uuid, version.number)
        if (known := self._kept.get(key)) is not None:
            return known
        prepared = _prepare(version)
        self._kept.put(key, prepared)
        return prepared


def _prepare(version: Version) -> PreparedVersion:
    workflow = parse_workflow(version.workflow_definition)
    phrasebook = Phrasebook(workflow)
    phrasebook.fill()
    settings = parse_settings(version.settings)
    return PreparedVersion(
        workflow=workflow,
        settings=settings,
        phrasebook=phrasebook,
        hears=needs_recogniser(workflow, settings),
        own_sentences=own_sentences(workflow, settings),
    )
