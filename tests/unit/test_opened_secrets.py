"""Opened secrets are remembered for their context, for some minutes, up to a number, and shown to nobody."""

from offhook.adapters.kms.opened_secrets import MAX_SECRETS, REMEMBERED_SECONDS, OpenedSecrets

CONTEXT = {"organization": "acme", "configuration": "1"}


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_secret_is_found_by_its_sealed_text_and_context() -> None:
    opened = OpenedSecrets()
    opened.remember("kms1.a", CONTEXT, "a-token")
    assert opened.find("kms1.a", dict(reversed(CONTEXT.items()))) == "a-token"
    assert opened.find("kms1.b", CONTEXT) is None
    assert opened.find("kms1.a", {**CONTEXT, "configuration": "2"}) is None
    assert opened.find("kms1.a", {}) is None


def test_it_is_forgotten_after_its_time_however_often_it_is_used() -> None:
    clock = Clock()
    opened = OpenedSecrets(clock=clock)
    opened.remember("kms1.a", CONTEXT, "a-token")
    clock.now += REMEMBERED_SECONDS - 1
    opened.remember("kms1.b", CONTEXT, "b-token")
    assert opened.find("kms1.a", CONTEXT) == "a-token"
    clock.now += 1
    assert opened.find("kms1.a", CONTEXT) is None
    assert opened.find("kms1.b", CONTEXT) == "b-token"


def test_the_oldest_give_way() -> None:
    opened = OpenedSecrets()
    for number in range(MAX_SECRETS + 1):
        opened.remember(f"kms1.{number}", CONTEXT, "a-token")
    assert opened.find("kms1.0", CONTEXT) is None
    assert opened.find("kms1.1", CONTEXT) == "a-token"


def test_it_shows_no_secret() -> None:
    opened = OpenedSecrets()
    opened.remember("kms1.a", CONTEXT, "a-token")
    assert "a-token" not in repr(opened)
