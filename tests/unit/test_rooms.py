"""What telephones in a room hear of each other."""

from local.cloudonix.phones.phone import Phone
from local.cloudonix.phones.rooms import Room, Rooms, Seat, mix
from local.people.caller import CallerMachine, Said
from local.people.line_noise import is_voiced
from streamer.media.mulaw import CODES, LINEAR, SILENCE

_VOICE = b"\x10\x90" * 80
_QUIET = bytes([SILENCE]) * 160


def _phone() -> Phone:
    return Phone(CallerMachine([], {}), on_hang_up=lambda: None)


def _seats(room: Room, count: int) -> list[tuple[Phone, Seat]]:
    phones = [_phone() for _ in range(count)]
    return [(phone, room.join(phone)) for phone in phones]


def _speak(seats: list[tuple[Phone, Seat]], *chunks: bytes) -> None:
    for (_, seat), chunk in zip(seats, chunks, strict=True):
        seat.say(Said(audio=chunk))


def _hears_voice(phone: Phone) -> bool:
    return any(is_voiced(phone.playout.next_chunk()[0]) for _ in range(3))


def test_one_is_heard_by_all_the_others_and_not_by_itself() -> None:
    seats = _seats(Room(), 3)
    for _ in range(2):
        _speak(seats, _VOICE, _QUIET, _QUIET)
    assert [_hears_voice(phone) for phone, _ in seats] == [False, True, True]


def test_who_has_left_is_not_heard_and_hears_nothing() -> None:
    room = Room()
    seats = _seats(room, 3)
    (gone, seat), *left = seats
    seat.say(Said(audio=_VOICE))
    room.leave(seat, gone)
    for _ in range(2):
        _speak(left, _QUIET, _VOICE)
    assert [_hears_voice(phone) for phone, _ in seats] == [False, True, False]
    assert not room.is_empty


def test_a_telephone_that_does_not_listen_is_owed_a_moment_at_most() -> None:
    (phone, silent), (_, speaking) = _seats(Room(), 2)
    for _ in range(1_000):
        speaking.say(Said(audio=_VOICE))
    for _ in range(1_000):
        silent.say(Said(audio=_QUIET))
    assert sum(is_voiced(phone.playout.next_chunk()[0]) for _ in range(1_000)) == 10


def test_voices_add_up_and_never_turn_over() -> None:
    loud, soft = bytes([CODES[30_000]]) * 160, bytes([CODES[1_000]]) * 160
    assert mix([soft]) == soft
    assert LINEAR[mix([soft, soft])[0]] in range(1_900, 2_100)
    assert LINEAR[mix([loud, loud, loud])[0]] > 30_000


def test_a_room_that_is_empty_or_over_is_not_found_again() -> None:
    rooms = Rooms()
    room, phone = rooms.room("a.test", "7"), _phone()
    seat = room.join(phone)
    rooms.tidy("a.test", "7")
    assert rooms.room("a.test", "7") is room
    assert rooms.room("b.test", "7") is not room
    room.leave(seat, phone)
    rooms.tidy("a.test", "7")
    second = rooms.room("a.test", "7")
    assert second is not room
    second.ended.set()
    assert rooms.room("a.test", "7") is not second
