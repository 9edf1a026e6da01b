"""The `offhook` command: each subcommand in a file of `local.commands`, and one place where failures become a sentence."""

import sys
from importlib import metadata
from typing import Annotated

import typer

from local.client.terminal import say
from local.commands import call, campaign, doctor, env, keys, open_console, runs, tail, up
from offhook.errors import OffhookError

app = typer.Typer(
    name="offhook",
    help="AI voice agents for phone calls. `offhook up` starts everything on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(up.up)
app.command("open")(open_console.open_console)
app.command("call")(call.call)
app.add_typer(campaign.app, name="campaign")
app.command("tail")(tail.tail)
app.command("runs")(runs.runs)
app.add_typer(keys.app, name="keys")
app.command("env")(env.env)
app.command("doctor")(doctor.doctor)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        say(f"offhook {metadata.version('offhook')}")
        raise typer.Exit


@app.callback()
def _global(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take what goes before the command."""


def main() -> None:
    """Run the command line; exit 1 with one sentence on a failure, 2 on a command line that makes no sense."""
    try:
        app()
    except OffhookError as error:
        say(error.detail, to=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
