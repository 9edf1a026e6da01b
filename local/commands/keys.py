"""`offhook keys`: make, list and retire API keys."""

import os
import re
from typing import Annotated

import typer

from local.aws.environment import fill_in_for_loopback
from local.client.rest import InstallClient
from local.client.target import AsJson, BaseUrl, find_target
from local.client.terminal import tell
from local.commands.table import page_table
from offhook.clock import system_clock, to_iso
from offhook.json_types import JsonObject
from offhook.organizations.model import Organization, Scope
from offhook.organizations.usecases import create_key
from offhook.settings import Settings

app = typer.Typer(
    help="Make, list and retire API keys.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

_ORGANIZATION = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    scope: Annotated[list[Scope] | None, typer.Option(help="May be repeated; without it, all.")] = None,
    bootstrap: Annotated[
        bool,
        typer.Option("--bootstrap", help="Write to DynamoDB with your AWS credentials; no key needed."),
    ] = False,
    organization: Annotated[
        str | None, typer.Option(help="With --bootstrap: the organization; made when missing.")
    ] = None,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    if bootstrap != (organization is not None):
        raise typer.BadParameter("--bootstrap and --organization NAME go together")
    if organization is not None:
        made = _bootstrap(organization, name, scope)
    else:
        body: JsonObject = {"name": name}
        if scope:
            body["scopes"] = [*scope]
        with InstallClient(find_target(base_url)) as client:
            made = client.post("/user/api-keys", body)
    once = f"This is the only time it is shown. Its id is {made['id']}."
    tell(made, str(made["api_key"]), once, as_json=as_json)


@app.command("list")
def list_(
    *,
    archived: Annotated[bool, typer.Option("--archived", help="Show archived keys too.")] = False,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the organization's keys, newest first."""
    params: dict[str, str | int] = {"limit": 200, "include_archived": "true" if archived else "false"}
    with InstallClient(find_target(base_url)) as client:
        page = client.get("/user/api-keys", params)
    columns = ("id", "name", "key_prefix", "is_active", "created_at", "last_used_at")
    tell(page, *(page_table(page, columns) or ["No keys."]), as_json=as_json)


@app.command()
def archive(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")],
    *,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a key open nothing any more."""
    with InstallClient(find_target(base_url)) as client:
        reply = client.delete(f"/user/api-keys/{key_id}")
    tell(reply, f"Archived {key_id}; offhook keys reactivate undoes it.", as_json=as_json)


@app.command()
def reactivate(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list --archived` shows it.")],
    *,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make an archived key usable again."""
    with InstallClient(find_target(base_url)) as client:
        reply = client.put(f"/user/api-keys/{key_id}/reactivate")
    tell(reply, f"{key_id} is usable again.", as_json=as_json)


def _bootstrap(organization_id: str, name: str, scopes: list[Scope] | None) -> JsonObject:
    """Make the first key of an organization, and the organization, straight in the tables."""
    if not _ORGANIZATION.fullmatch(organization_id):
        raise typer.BadParameter("an organization's name has small letters, digits and hyphens only")
    # DynamoDB's library takes longer to import than all that the other commands do.
    from offhook.adapters.dynamodb.store import connect

    fill_in_for_loopback()
    organizations = connect(Settings.from_env(os.environ)).organizations
    now = system_clock()
    organizations.ensure(Organization(id=organization_id, created_at=now))
    key, full_key = create_key(organizations, organization_id, name=name, scopes=scopes, now=now)
    return {
        "id": key.id,
        "organization_id": organization_id,
        "name": key.name,
        "key_prefix": key.key_prefix,
        "api_key": full_key,
        "scopes": [*sorted(key.scopes)],
        "created_at": to_iso(key.created_at),
    }
