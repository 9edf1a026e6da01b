"""The bucket of recordings and contacts: which pages a browser lets read it, and where its links lead."""

import json
from typing import Any
from urllib.parse import urlsplit

from local.install.pages import WEB
from local.processes.ports import HOST
from offhook.adapters.s3.media import s3_client
from offhook.runs.ports import MediaStore
from offhook.settings import Settings


def make_bucket(settings: Settings, edge_port: int) -> None:
    """Make the bucket, for the pages of this install: under its public address, and under both names of this machine."""
    origins = {settings.public_base_url, *(f"http://{name}:{edge_port}" for name in (HOST, "localhost"))}
    rule: Any = json.loads((WEB / "cors.json").read_text(encoding="utf-8"))
    rule["AllowedOrigins"] = sorted(origins)
    client = s3_client()
    client.create_bucket(Bucket=settings.media_bucket)
    client.put_bucket_cors(Bucket=settings.media_bucket, CORSConfiguration={"CORSRules": [rule]})


def links_origin(media: MediaStore) -> str:
    """Return the origin of all links to what lies in the bucket, such as `http://127.0.0.1:9000`."""
    link = urlsplit(media.link("org/", seconds=1, download_name=""))
    return f"{link.scheme}://{link.netloc}"
