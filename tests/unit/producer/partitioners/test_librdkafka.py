"""librdkafka's names: whose key is hashed goes by it, whose is not sticks. tests/librdkafka has librdkafka's own word."""

import pytest

from producer.partitioners.librdkafka import PARTITIONERS
from tests.unit.producer.scripted_cluster import ScriptedCluster

BATCHES = 60


def spread(name: str, key: bytes | None) -> set[int]:
    """The partitions that one key gets in as many batches as there are records."""
    cluster = ScriptedCluster(partitions=5, partitioner=name, batch_size=1)
    for _ in range(BATCHES):
        cluster.send(b"v", key=key)
    placed = cluster.placed()
    assert sum(map(len, placed.values())) == BATCHES
    return set(placed)


@pytest.mark.parametrize("name", PARTITIONERS)
@pytest.mark.parametrize("key", [None, b"", b"k"])
def test_a_key_has_one_partition_or_any(name: str, key: bytes | None) -> None:
    is_random = name == "random" or (name.endswith("_random") and key is None)
    if name == "consistent_random" and key == b"":
        is_random = True

    partitions = spread(name, key)

    assert len(partitions) == (5 if is_random else 1)
