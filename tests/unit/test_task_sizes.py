"""Sizes in Kubernetes' words, and the least Fargate size that has as much."""

import pytest

from offhook.errors import InvalidInputError
from offhook.sessions.task_sizes import TaskSize, task_size


@pytest.mark.parametrize(
    ("cpu", "memory", "disk", "size"),
    [
        ("1000m", "2Gi", "20Gi", (1024, 2048, 20)),
        ("1", "2Gi", "1Gi", (1024, 2048, 20)),
        ("0.1", "1", "1", (256, 512, 20)),
        ("250m", "512Mi", "20Gi", (256, 512, 20)),
        ("251m", "512Mi", "20.5Gi", (512, 1024, 21)),
        # A 256-unit task has 2 GiB at most: what needs more gets more CPUs.
        ("250m", "3Gi", "200Gi", (512, 3072, 200)),
        ("250m", "120Gi", "20Gi", (16384, 122880, 20)),
        ("8", "17G", "20G", (8192, 16384, 20)),
        ("8", "17Gi", "20G", (8192, 20480, 20)),
        ("16", "2147483648", "214748364800", (16384, 32768, 200)),
    ],
)
def test_the_least_size_that_has_as_much(
    cpu: str, memory: str, disk: str, size: tuple[int, int, int]
) -> None:
    assert task_size(cpu=cpu, memory=memory, disk=disk) == TaskSize(
        cpu_units=size[0], memory_mib=size[1], disk_gib=size[2]
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cpu", "17"),
        ("cpu", "16001m"),
        ("cpu", "0"),
        ("cpu", "1000 m"),
        ("cpu", "-1"),
        ("cpu", "1e3"),
        ("cpu", "\u0661"),
        ("cpu", ""),
        ("memory", "121Gi"),
        ("memory", "2GiB"),
        ("memory", "0Gi"),
        ("memory", "9" * 12 + "Ti"),
        ("disk", "201Gi"),
        ("disk", "much"),
    ],
)
def test_what_is_no_size_of_a_task_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        task_size(**{"cpu": "1", "memory": "2Gi", "disk": "20Gi", name: text})
    (problem,) = caught.value.problems
    assert problem.loc == (name,)
