"""`offhook up`: start everything on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from local.client.target import DEFAULT_PORT
from local.install.models import ModelMode
from local.install.speech import SpeechMode

if TYPE_CHECKING:
    from local.install.install import Install


def up(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the front door; 0 takes a free one.")
    ] = DEFAULT_PORT,
    data: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Keep agents, keys, runs and recordings in this folder."),
    ] = None,
    speech: Annotated[
        SpeechMode,
        typer.Option(
            help="What calls hear and speak with: this machine's own speech; Transcribe and Polly as they are on this "
            "machine; or the real ones, with your AWS credentials."
        ),
    ] = SpeechMode.OFFLINE,
    models: Annotated[
        ModelMode | None,
        typer.Option(
            help="What the agent of a second demo call thinks with, where OFFHOOK_LLM_URL names no endpoint: a scripted model."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="First print one JSON line with the addresses and the key.")
    ] = False,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Place a demo call.")] = True,
) -> None:
    """Start the whole product on this machine, place a demo call, and serve until Ctrl-C."""
    # Only this command needs the servers, and importing them takes longer than all that the others do.
    import uvloop

    from local.install.up import up as run_everything

    code = uvloop.run(
        run_everything(
            port=port,
            data=data,
            as_json=as_json,
            speech=speech,
            models=models,
            show=_demo if demo else None,
        )
    )
    raise typer.Exit(code)


async def _demo(install: "Install") -> None:
    # Imported when there is something to show: the children must not wait for it.
    from local.client.demo import run_demo

    await run_demo(install)
