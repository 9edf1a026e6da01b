"""The `offhook` command: each subcommand in a file of `local.commands`, and one place where failures become a sentence."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from local.client.terminal import say
from offhook.errors import OffhookError

# In the order in which help lists them. Each is a file with either an `app` of several or a function of that name.
_COMMANDS = {
    "up": "up",
    "open": "open_console",
    "call": "call",
    "campaign": "campaign",
    "tail": "tail",
    "runs": "runs",
    "keys": "keys",
    "env": "env",
    "doctor": "doctor",
}


class _Commands(TyperGroup):
    """Imports a command when somebody asks for it: what all of them need takes half a second."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # the library's own types are private
        return _imported(cmd_name) if cmd_name in _COMMANDS else super().get_command(ctx, cmd_name)


def _imported(name: str) -> Any:
    file = _COMMANDS[name]
    module = import_module(f"local.commands.{file}")
    if hasattr(module, "app"):
        return get_command(module.app)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(getattr(module, file))
    return get_command(alone)


def _named() -> None:
    """Stand for a command until it is asked for."""


app = typer.Typer(
    name="offhook",
    cls=_Commands,
    help="AI voice agents for phone calls. `offhook up` starts everything on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _name in _COMMANDS:
    app.command(_name)(_named)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        # Needed for this alone.
        from importlib import metadata

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
