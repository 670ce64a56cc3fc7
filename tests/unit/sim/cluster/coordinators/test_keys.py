"""Which partition a key belongs to: as Java's String.hashCode has it."""

import pytest

from sim.cluster.coordinators.keys import java_hash_code, partition_for


@pytest.mark.parametrize(
    ("group", "partition"),
    # Given by a Java virtual machine: (group.hashCode() & 0x7fffffff) % 50.
    [("", 0), ("g", 3), ("my-group", 36), ("polygenelubricants", 0), ("gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n", 49), ("\N{GRINNING FACE}", 49)],
)  # fmt: skip
def test_a_group_belongs_to_the_partition_that_kafka_gives_it(group: str, partition: int) -> None:
    assert partition_for(group, 50) == partition


def test_the_lowest_hash_of_all_is_partition_zero_and_not_a_negative_one() -> None:
    assert java_hash_code("polygenelubricants") == 1 << 31
    assert partition_for("polygenelubricants", 7) == 0
