"""A partitioner of the application's: kafka-python's interface of today, the two before it, and what they see of the cluster."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from producer.drivers.threads import Producer


class Cluster:
    """What a partitioner may ask: kafka-python's `ClusterMetadata`, as far as one has use for it."""

    def __init__(self, topic: str, producer: Producer) -> None:
        self._topic = topic
        self._partitions = producer.partitions_for(topic)

    def topics(self) -> set[str]:
        """Give the record's topic."""
        return {self._topic}

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """Give the topic's partitions; None if it is another one."""
        return {one.partition for one in self._partitions} if topic == self._topic else None

    def available_partitions_for_topic(self, topic: str) -> set[int] | None:
        """Give those with a leader; None if it is another topic."""
        return {one.partition for one in self._partitions if one.leader >= 0} if topic == self._topic else None


def choose(
    partitioner: Any,
    topic: str,
    key: Any,
    key_bytes: bytes | None,
    value: Any,
    value_bytes: bytes | None,
    cluster: Cluster,
) -> int:
    """Ask a partitioner. Raises what it raises, and ValueError if it chooses none."""
    method = getattr(partitioner, "partition", None)
    everything = (topic, key, key_bytes, value, value_bytes, cluster)
    if method is None:
        # Before kafka-python 3 it was a function.
        known, available = cluster.partitions_for_topic(topic), cluster.available_partitions_for_topic(topic)
        chosen = partitioner(key_bytes, sorted(known or ()), sorted(available or ()))
    elif _takes(method, everything):
        chosen = method(*everything)
    else:
        chosen = method(topic, key_bytes, cluster)
    if chosen is None:
        raise ValueError(f"Partitioner did not assign a partition for topic {topic}!")
    number: int = chosen
    return number


def _takes(method: Any, arguments: tuple[Any, ...]) -> bool:
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return False
    return True
