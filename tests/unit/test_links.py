"""Signed addresses: each opens one thing of one run, and no other text opens anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.errors import UnauthenticatedError
from offhook.telephony.links import CarrierLinks

SECRET = "a-secret-for-tests-of-32-characters"
LINKS = CarrierLinks("https://voice.example.net", SECRET)
RUN_ID = 373205151490048


def token(url: str) -> str:
    return url.rpartition("/")[2]


def test_addresses_have_the_form_of_the_contract() -> None:
    base = "voice.example.net/api/v1/telephony"
    assert LINKS.media_url(RUN_ID, 2).startswith(f"wss://{base}/ws/{RUN_ID}/2.")
    assert LINKS.continue_url(RUN_ID).startswith(f"https://{base}/continue/{RUN_ID}.")
    assert LINKS.status_callback_url("cloudonix", RUN_ID).startswith(
        f"https://{base}/cloudonix/status-callback/{RUN_ID}."
    )


def test_a_base_without_tls_gives_a_socket_without_tls() -> None:
    url = CarrierLinks("http://127.0.0.1:8080/", SECRET).media_url(1, 1)
    assert url.startswith("ws://127.0.0.1:8080/api/v1/telephony/ws/1/1.")


def test_each_token_opens_what_it_was_made_for() -> None:
    assert LINKS.media_stream_number(RUN_ID, token(LINKS.media_url(RUN_ID, 3))) == 3
    assert LINKS.continued_run_id(token(LINKS.continue_url(RUN_ID))) == RUN_ID
    assert LINKS.status_run_id(token(LINKS.status_callback_url("cloudonix", RUN_ID))) == RUN_ID
    assert LINKS.transfer_of(token(LINKS.transfer_result_url("cloudonix", RUN_ID, 2))) == (RUN_ID, 2)


def test_a_transfer_token_opens_no_other_transfer_and_nothing_else() -> None:
    good = token(LINKS.transfer_result_url("cloudonix", RUN_ID, 2))
    for other in (
        good.replace("-2.", "-3."),
        f"{RUN_ID}.{good.partition('.')[2]}",
        good + "x",
        "0-1." + "a" * 32,
    ):
        with pytest.raises(UnauthenticatedError):
            LINKS.transfer_of(other)
    with pytest.raises(UnauthenticatedError):
        LINKS.status_run_id(good)


def test_a_media_token_opens_no_other_run() -> None:
    with pytest.raises(UnauthenticatedError):
        LINKS.media_stream_number(RUN_ID + 1, token(LINKS.media_url(RUN_ID, 1)))


def test_a_media_token_opens_no_other_stream() -> None:
    signature = token(LINKS.media_url(RUN_ID, 1)).partition(".")[2]
    with pytest.raises(UnauthenticatedError):
        LINKS.media_stream_number(RUN_ID, f"2.{signature}")


def test_a_token_of_one_purpose_opens_no_other() -> None:
    with pytest.raises(UnauthenticatedError):
        LINKS.continued_run_id(token(LINKS.status_callback_url("cloudonix", RUN_ID)))
    with pytest.raises(UnauthenticatedError):
        LINKS.status_run_id(token(LINKS.continue_url(RUN_ID)))


def test_another_installs_token_opens_nothing() -> None:
    other = CarrierLinks("https://voice.example.net", SECRET[::-1])
    with pytest.raises(UnauthenticatedError):
        LINKS.continued_run_id(token(other.continue_url(RUN_ID)))


@pytest.mark.parametrize("change", ["0{}", "+{}", " {}", "{} ", "{}\n", "{}a", "٣{}", "{}.", "-{}", "1_{}"])
def test_a_run_has_one_spelling(change: str) -> None:
    with pytest.raises(UnauthenticatedError):
        LINKS.continued_run_id(change.format(token(LINKS.continue_url(RUN_ID))))


@given(st.text())
def test_no_text_but_ours_opens_anything(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        LINKS.continued_run_id(text)
    with pytest.raises(UnauthenticatedError):
        LINKS.media_stream_number(RUN_ID, text)
