"""Sizes that are asked for in Kubernetes' words, and the sizes of tasks that Fargate has."""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from offhook.errors import InvalidInputError

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, without exponents.
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(m|k|Ki|M|Mi|G|Gi|T|Ti)?", re.ASCII)
_MILLI = Fraction(1, 1000)
_FACTORS: dict[str | None, Fraction] = {
    None: Fraction(1),
    "m": _MILLI,
    **{unit: Fraction(1000 ** (power + 1)) for power, unit in enumerate("kMGT")},
    **{f"{unit}i": Fraction(1024 ** (power + 1)) for power, unit in enumerate("KMGT")},
}
_MIB, _GIB = 1024**2, 1024**3

# CPU units, of which 1,024 are a CPU, with the MiB of memory that a task of so many can have:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
_SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
_LEAST_DISK_GIB, _MOST_DISK_GIB = 20, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSize:
    """A size that Fargate has."""

    cpu_units: int
    memory_mib: int
    disk_gib: int


def task_size(*, cpu: str, memory: str, disk: str) -> TaskSize:
    """Return the least size of a task that has as much, such as of `1000m`, `2Gi` and `20Gi`.

    Raises InvalidInputError for what is no quantity, and for more than a task can have.
    """
    cpu_units, memory_mib = _cpu_and_memory(
        ceil(_quantity("cpu", cpu, "500m or 2") * 1024), ceil(_quantity("memory", memory, "2Gi") / _MIB)
    )
    disk_gib = max(_LEAST_DISK_GIB, ceil(_quantity("disk", disk, "20Gi") / _GIB))
    if disk_gib > _MOST_DISK_GIB:
        raise InvalidInputError.at("disk", msg=f"A Fargate task has {_MOST_DISK_GIB}Gi of disk at most.")
    return TaskSize(cpu_units=cpu_units, memory_mib=memory_mib, disk_gib=disk_gib)


def _cpu_and_memory(cpu_units: int, memory_mib: int) -> tuple[int, int]:
    enough = [units for units in _SIZES if units >= cpu_units]
    if not enough:
        raise InvalidInputError.at("cpu", msg="A Fargate task has 16 CPUs at most.")
    for units in enough:
        # What needs more memory than so many CPUs can have gets more of them.
        for mib in _SIZES[units]:
            if mib >= memory_mib:
                return units, mib
    raise InvalidInputError.at("memory", msg="A Fargate task has 120Gi of memory at most.")


def _quantity(name: str, text: str, example: str) -> Fraction:
    match = _QUANTITY.fullmatch(text)
    quantity = Fraction(match[1]) * _FACTORS[match[2]] if match else Fraction(0)
    if quantity <= 0:
        raise InvalidInputError.at(
            name, msg=f"This must be a quantity as Kubernetes writes them, such as {example}."
        )
    return quantity
