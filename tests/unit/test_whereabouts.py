"""Where a streamer is reached by others of its install."""

import json
from pathlib import Path

import pytest

from streamer.whereabouts import whereabouts

# As ECS describes a container of a task with a network interface of its own (task metadata, version 4).
METADATA = {
    "DockerId": "cd189a933e5849daa93386466019ab50-2495160603",
    "Name": "streamer",
    "Networks": [
        {
            "NetworkMode": "awsvpc",
            "IPv4Addresses": ["10.0.2.106"],
            "MACAddress": "0e:9e:32:c7:48:85",
            "IPv4SubnetCIDRBlock": "10.0.2.0/24",
        }
    ],
}


def metadata(folder: Path, document: object) -> str:
    file = folder / "metadata"
    file.write_text(json.dumps(document))
    return file.as_uri()


async def test_a_task_is_reached_at_the_address_that_ecs_tells(tmp_path: Path) -> None:
    assert await whereabouts("0.0.0.0", 8080, metadata_url=metadata(tmp_path, METADATA)) == "10.0.2.106:8080"


@pytest.mark.parametrize("document", [{}, [], {"Networks": []}, {"Networks": [{"IPv4Addresses": ["?"]}]}])
async def test_without_that_address_others_do_without(tmp_path: Path, document: object) -> None:
    assert await whereabouts("0.0.0.0", 8080, metadata_url=metadata(tmp_path, document)) == ""
    assert await whereabouts("0.0.0.0", 8080, metadata_url=(tmp_path / "nothing").as_uri()) == ""


async def test_on_one_machine_it_is_where_it_listens() -> None:
    assert await whereabouts("127.0.0.1", 40123, metadata_url=None) == "127.0.0.1:40123"
    assert await whereabouts("0.0.0.0", 8080, metadata_url=None) == ""
