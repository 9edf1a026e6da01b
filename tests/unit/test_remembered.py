"""A memory that forgets what was not used for longest, and never holds more than it may."""

from concurrent.futures import ThreadPoolExecutor

from offhook.remembered import Remembered


def test_what_was_used_last_is_kept() -> None:
    memory: Remembered[str, int] = Remembered(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]


def test_what_is_put_again_is_replaced_and_forgotten_once() -> None:
    memory: Remembered[str, int] = Remembered(2)
    memory.put("a", 1)
    memory.put("a", 2)
    assert memory.get("a") == 2
    memory.forget("a")
    memory.forget("a")
    assert memory.get("a") is None


def test_threads_share_a_memory() -> None:
    memory: Remembered[int, int] = Remembered(8)

    def use(number: int) -> None:
        for key in range(number, number + 1000):
            memory.put(key % 16, key % 16)
            assert memory.get(key % 16) in (key % 16, None)
            memory.forget((key + 5) % 16)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert sum(memory.get(key) is not None for key in range(16)) <= 8
