"""Which partition a key belongs to, and the order of a HashMap: as Java's String.hashCode has it."""

import pytest

from sim.cluster.coordinators.keys import java_hash_code, java_hash_order, partition_for


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


def test_the_order_of_a_hash_map_is_by_bucket_and_the_buckets_double_when_they_are_three_quarters_full() -> None:
    letters = [chr(ord("a") + number) for number in range(13)]

    # "a" is 97: bucket 1 of 16, bucket 1 of 32; "p" is 112: bucket 0 of 16, and 16 of 32.
    assert java_hash_order(["b", "p", "a"]) == ["p", "a", "b"]
    assert java_hash_order(["p", *letters]) == [*letters, "p"]
