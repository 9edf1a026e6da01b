"""Fetches the streamer's archive, checks and unpacks it, and becomes the streamer: the command of a plain Python image.

Its text is what `python -c` is given, so it needs the standard library alone. Arguments: the archive's address in S3,
its SHA-256, and what goes on to `python -m streamer`.
"""

import hashlib
import hmac
import http.client
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import IO, Any
from urllib.parse import quote, urlsplit

ATTEMPTS, TIMEOUT_S = 6, 20
MOST_BYTES, MOST_UNPACKED_BYTES = 256 << 20, 1 << 30
AGENT = "http://169.254.170.2"
NO_CONTENT = hashlib.sha256(b"").hexdigest()


def main() -> None:
    address, expected, *options = sys.argv[1:]
    folder = tempfile.mkdtemp(prefix="offhook-")
    with tempfile.TemporaryFile() as archive:
        found = fetch(address, archive)
        if found != expected:
            sys.exit(
                f"The streamer's archive is not the one that was deployed: its SHA-256 is {found}, not {expected}. "
                "Nothing of it was run. Deploy again, which uploads it anew."
            )
        unpack(archive, folder)
    os.chdir(folder)
    os.execv(sys.executable, [sys.executable, "-m", "streamer", *options])


def fetch(address: str, archive: IO[bytes]) -> str:
    """Write the object into the file; return its SHA-256. A new role, or network, may need seconds before it works."""
    for attempt in range(ATTEMPTS):
        time.sleep(2 ** (attempt - 1) if attempt else 0)
        try:
            return download(address, archive)
        except (OSError, http.client.HTTPException, LookupError, ValueError) as error:
            print(f"The streamer's archive did not come: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(
        f"Gave up after {ATTEMPTS} attempts: see that the task's role may read the archive and the way to S3 is open."
    )


def download(address: str, archive: IO[bytes]) -> str:
    digest = hashlib.sha256()
    archive.seek(0)
    archive.truncate()
    with get(address, signed(address, credentials())) as body:
        while piece := body.read(1 << 20):
            archive.write(piece)
            digest.update(piece)
            if archive.tell() > MOST_BYTES:
                sys.exit(f"The streamer's archive has more than {MOST_BYTES} bytes. Nothing of it was run.")
        if body.length:
            raise http.client.IncompleteRead(b"", body.length)
    return digest.hexdigest()


def unpack(archive: IO[bytes], folder: str) -> None:
    with zipfile.ZipFile(archive) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED_BYTES:
            sys.exit(
                f"The streamer's archive unpacks to more than {MOST_UNPACKED_BYTES} bytes. Nothing of it was run."
            )
        packed.extractall(folder)


def credentials() -> Any:
    """Return the credentials of the task's role, which the container agent hands out."""
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    address = AGENT + relative if relative else os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    with get(address, {}) as body:
        return json.load(body)


@contextmanager
def get(address: str, headers: Mapping[str, str]) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer to a GET; a redirect, which would carry the signature elsewhere, is a failure like others."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(parts.netloc, timeout=TIMEOUT_S)) as connection:
        connection.request("GET", parts.path, headers=headers)
        with connection.getresponse() as answer:
            if answer.status != http.client.OK:
                raise OSError(f"{parts.hostname} answered {answer.status}")
            yield answer


def signed(address: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a GET of an object in S3 (AWS Signature Version 4)."""
    parts, now = urlsplit(address), time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {
        "host": parts.netloc,
        "x-amz-content-sha256": NO_CONTENT,
        "x-amz-date": now,
        "x-amz-security-token": keys["Token"],
    }
    names, lines = ";".join(headers), "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"GET\n{quote(parts.path)}\n\n{lines}\n{names}\n{NO_CONTENT}"
    scope = f"{now[:8]}/{os.environ['AWS_DEFAULT_REGION']}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"AWS4" + keys["SecretAccessKey"].encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"Credential={keys['AccessKeyId']}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {credential}"}


if __name__ == "__main__":
    main()
