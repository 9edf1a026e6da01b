"""The media socket of a whole install that was told of another carrier: this one, which sees what the real one sees."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from streamer.sockets.close_codes import CloseCode
from tests.support.carrier import ScriptedCarrier
from tests.support.phone import dial
from tests.support.whole_install import WholeInstall, whole_install

pytestmark = [pytest.mark.every_python, pytest.mark.timeout(120)]

TOKEN = "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A call that has been placed and not yet answered, as the carrier was told of it."""

    install: WholeInstall
    run_id: int
    stream_url: str
    redirect_url: str

    @property
    def port(self) -> int:
        return urlsplit(self.install.base_url).port or 0

    @property
    def path(self) -> str:
        return urlsplit(self.stream_url).path

    def assert_untouched(self) -> None:
        assert self.install.run(self.run_id)["status"] == "dialing"
        assert self.install.events(self.run_id) == []


@pytest.fixture(scope="module")
def carrier() -> Iterator[ScriptedCarrier]:
    with ScriptedCarrier().serving() as carrier:
        yield carrier


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory, carrier: ScriptedCarrier) -> Iterator[WholeInstall]:
    with whole_install(tmp_path_factory.mktemp("up"), env={"OFFHOOK_CLOUDONIX_URL": carrier.url}) as install:
        yield install


@pytest.fixture
def dialled(install: WholeInstall, carrier: ScriptedCarrier) -> Dialled:
    carrier.reset()
    run_id = install.call("+12025550143", customer_name="Ada")
    (asked,) = carrier.asked
    document = ET.fromstring(asked.body["cxml"])
    stream, redirect = document.find("Connect/Stream"), document.find("Redirect")
    assert stream is not None
    assert redirect is not None
    return Dialled(
        install=install,
        run_id=run_id,
        stream_url=stream.attrib["url"],
        redirect_url=str(redirect.text).strip(),
    )


def test_the_carrier_that_the_environment_names_is_dialled(
    install: WholeInstall, carrier: ScriptedCarrier, dialled: Dialled
) -> None:
    assert install.first_line["carrier_url"] == carrier.url
    (asked,) = carrier.asked
    assert (asked.method, asked.path) == ("POST", "/calls/demo.cloudonix.net/application")
    assert re.fullmatch(r"Bearer \w{20,}", str(asked.authorization))
    assert asked.body["destination"] == "+12025550143"
    assert dialled.stream_url.startswith(install.first_line["ws_url"])
    assert dialled.redirect_url.startswith(install.base_url)
    assert asked.body["callback"].startswith(install.base_url)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: f"{path.rpartition('/')[0]}/{TOKEN}",
        lambda path: f"{path.rpartition('/')[0]}/token",
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path.replace("/1.", "/2."),
        lambda path: path.replace("/ws/", "/ws/1"),
    ],
    ids=["forged", "no token", "altered", "another stream", "another run"],
)
async def test_a_wrong_token_is_refused(dialled: Dialled, spoil: Callable[[str], str]) -> None:
    async with dial(dialled.port, spoil(dialled.path)) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.REFUSED
        assert phone.audio == b""
    dialled.assert_untouched()


@pytest.mark.parametrize(
    "garbage",
    [
        "hello?",
        "[]",
        '{"event": "start"}',
        '{"event": "dtmf", "dtmf": {"digit": "1"}}',
        '{"event": "media", "media": {"payload": "//8="}}',
        '{"event": "connected"' + "x" * 10_000,
    ],
    ids=["no JSON", "no object", "start first", "a key first", "audio first", "a cut message"],
)
async def test_garbage_is_refused_and_the_call_can_still_be_taken(dialled: Dialled, garbage: str) -> None:
    async with dial(dialled.port, dialled.path) as phone:
        await phone.send_text(garbage)
        assert await phone.wait_closed() == CloseCode.BAD_REQUEST
        assert phone.close_reason
    dialled.assert_untouched()
    async with dial(dialled.port, dialled.path) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.hang_up()
    assert dialled.install.wait_until_over(dialled.run_id)["disposition"] == "user_hangup"


async def test_the_token_of_a_call_that_is_over_opens_nothing(dialled: Dialled) -> None:
    async with dial(dialled.port, dialled.path) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.hang_up()
    over = dialled.install.wait_until_over(dialled.run_id)
    log = dialled.install.events(dialled.run_id)
    async with dial(dialled.port, dialled.path) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.REFUSED
    assert dialled.install.events(dialled.run_id) == log
    assert dialled.install.run(dialled.run_id)["ended_at"] == over["ended_at"]


@pytest.mark.parametrize("path", ["/", "/api/v1/telephony/ws", "/api/v1/telephony/ws/1", "/api/v1/runs"])
async def test_there_is_no_socket_at_other_addresses(install: WholeInstall, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(install.first_line["ws_url"] + path, proxy=None):
            pass
    assert refused.value.response.status_code == 404


def test_forged_tokens_of_the_carrier_lead_nowhere(install: WholeInstall) -> None:
    continued = install.http.post(f"/api/v1/telephony/continue/{TOKEN}")
    # The carrier understands nothing but its own documents.
    assert [element.tag for element in ET.fromstring(continued.text)] == ["Hangup"]
    reported = install.http.post(
        f"/api/v1/telephony/cloudonix/status-callback/{TOKEN}", json={"status": "busy"}
    )
    assert reported.status_code == 401
