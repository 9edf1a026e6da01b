"""`offhook open`: the console in a browser, signed in."""

import webbrowser
from typing import Annotated

import typer

from local.client.rest import InstallClient
from local.client.target import BaseUrl, find_target
from local.client.terminal import say


def open_console(
    *,
    print_: Annotated[
        bool,
        typer.Option(
            "--print", help="Print the address for a browser elsewhere: it signs in once, within a minute."
        ),
    ] = False,
    base_url: BaseUrl = None,
) -> None:
    """Open the console, signed in with the key that the other commands use."""
    target = find_target(base_url)
    with InstallClient(target) as client:
        code = client.post("/user/sign-in-codes", {})["code"]
    # Behind the `#`, which browsers send to no server.
    address = f"{target.base_url}/#/sign-in?code={code}"
    if print_:
        say(address)
    elif webbrowser.open(address):
        say(f"The console opens in your browser, signed in: {target.base_url}/")
    else:
        say("There is no browser here: offhook open --print prints an address that signs one in elsewhere.")
