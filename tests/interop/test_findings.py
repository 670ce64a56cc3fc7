"""The judge of the stagings names each way in which a producer can break its word, and nothing else."""

import pytest

from producer.errors import Code, Outcome
from tests.interop.driven import Told
from tests.interop.reading import Read
from tests.interop.side_by_side import findings

REFUSED = Told(Code.MESSAGE_TOO_LARGE.name, outcome=Outcome.FAILED)
UNKNOWN = Told(Code.REQUEST_TIMED_OUT.name, outcome=Outcome.UNKNOWN)


def log(*values: int) -> list[Read]:
    """Partition 0 with those records from offset 0 on."""
    return [Read(0, offset, None, f"{value} ") for offset, value in enumerate(values)]


def at(offset: int) -> Told:
    return Told(partition=0, offset=offset)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({0: [at(0)], 1: [at(1)]}, log(0, 1)),
        ({0: [REFUSED], 1: [at(0)]}, log(1)),
        ({0: [UNKNOWN], 1: [at(0)]}, log(1)),
        ({0: [UNKNOWN], 1: [at(1)]}, log(0, 1)),
        ({0: [at(0)], 1: [Told(partition=1, offset=5)]}, [Read(1, 5, None, "1"), Read(0, 0, None, "0")]),
    ],
    ids=["acknowledged", "refused", "unknown and absent", "unknown and there", "two partitions"],
)
def test_a_producer_that_keeps_its_word_is_left_alone(told: dict[int, list[Told]], read: list[Read]) -> None:
    assert findings(told, read, range(2)) == []


@pytest.mark.parametrize(
    ("told", "read", "says"),
    [
        ({0: [at(0)]}, log(0), ["record 1 was told of 0 times"]),
        ({0: [at(0)], 1: [at(1), at(1)]}, log(0, 1), ["record 1 was told of 2 times"]),
        ({0: [at(0)], 1: [at(1)]}, log(0), ["record 1 was acknowledged at (0, 1), and is at []"]),
        ({0: [at(0)], 1: [at(2)]}, log(0, 1), ["record 1 was acknowledged at (0, 2), and is at [(0, 1)]"]),
        ({0: [at(0)], 1: [UNKNOWN]}, log(0, 1, 1), ["record 1 is there 2 times"]),
        ({0: [at(0)], 1: [REFUSED]}, log(0, 1), ["record 1 was refused with MESSAGE_TOO_LARGE, and is at [(0, 1)]"]),
        ({0: [at(1)], 1: [at(0)]}, log(1, 0), ["partition 0: record 0 lies behind 1"]),
        ({0: [at(0)], 1: [at(1)]}, log(0, 1, 2), ["record 2 was never sent"]),
    ],
    ids=["lost future", "two verdicts", "lost", "elsewhere", "twice", "phantom", "out of order", "stranger"],
)
def test_a_broken_word_is_named(told: dict[int, list[Told]], read: list[Read], says: list[str]) -> None:
    found = findings(told, read, range(2))

    assert len(found) == len(says)
    assert all(line.startswith(start) for line, start in zip(found, says, strict=True))


def test_records_before_those_that_are_judged_do_not_matter() -> None:
    assert findings({0: [at(7)], 1: [at(1)]}, log(0, 1), range(1, 2)) == []
