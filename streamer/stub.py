"""The streamer without the house behind it: stub engines, any media socket path, no database, for load tests."""

from collections.abc import Callable

from offhook.agents.settings import AgentSettings
from offhook.errors import UnauthenticatedError
from offhook.json_types import JsonObject
from offhook.models.ports import ModelChoice
from offhook.runs.log.events import Event
from offhook.workflows import Workflow
from streamer.call.machine import Machine
from streamer.conductor.clips import Clips
from streamer.conductor.conductor import CallOptions, Conductor
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.media import MediaStream, Role
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route
from streamer.speech.deaf import DeafRecogniser
from streamer.speech.ports import Listening, Voice, VoiceChoice
from streamer.speech.stub import StubLanguageModel, StubSynthesiser
from streamer.speech.voice import WebRtcVoiceDetector

# The agent waits for the caller, and answers each of its turns with what the model says.
_WORKFLOW: JsonObject = {
    "nodes": [
        {"id": "wait", "type": "startCall", "data": {"name": "Wait"}},
        {"id": "answer", "type": "agentNode", "data": {"name": "Answer", "prompt": "Answer."}},
    ],
    "edges": [{"id": "spoken", "source": "wait", "target": "answer", "data": {"phrases": ["stub"]}}],
}

# Whatever was said is all that there is to say.
_ENDPOINTING_MS = 200
_MINUTES_MS = 60_000


def _forget(_: object) -> None:
    """Take an event that no log wants, or a segment that no bucket wants."""


class StubCalls:
    """Serves media sockets of any path with real turn-taking, and with engines that take no time unless others are given."""

    def __init__(self, pacer: Pacer, *, engines: Engines | None = None) -> None:
        self._pacer = pacer
        self._clips = Clips()
        # Not parsed by the rules for agents: a node that only waits says nothing.
        self._workflow = Workflow.model_validate(_WORKFLOW)
        self._settings = AgentSettings(
            endpointing_ms=_ENDPOINTING_MS, idle_timeout_ms=_MINUTES_MS, max_call_duration_seconds=3600
        )
        self._engines = engines or Engines(
            recognisers=(DeafRecogniser("stub"),),
            voices=(VoiceChoice(voice=Voice(engine="stub", name="tone"), synthesiser=StubSynthesiser()),),
            models=(ModelChoice(engine="stub", model=StubLanguageModel()),),
            new_detector=WebRtcVoiceDetector,
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every path takes a call, but one, whose sockets are refused like those with a bad token."""
        return Route("/refused", _refuse), Route("/{rest*}", self.serve)

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct one call; record its audio and its events as a real one does, and throw them away."""
        stream = MediaStream(role=Role.AGENT)
        await handshake(socket, stream)
        socket.take_place()
        await self.conductor(socket, stream).run()

    def conductor(
        self, socket: MediaSocket, stream: MediaStream, on_record: Callable[[Event], None] = _forget
    ) -> Conductor:
        """Make what conducts a call whose handshake is good."""
        machine = Machine(
            workflow=self._workflow, settings=self._settings, render=lambda template, gathered: template
        )
        options = CallOptions(
            listening=Listening(language="en-US"), on_record=on_record, on_recording=_forget
        )
        return Conductor(
            socket=socket,
            stream=stream,
            pacer=self._pacer,
            engines=self._engines,
            clips=self._clips,
            machine=machine,
            options=options,
        )


async def _refuse(socket: MediaSocket, match: dict[str, str]) -> None:
    raise UnauthenticatedError("This address was not made by this install.", code="invalid-token")
