"""Brokers with several log directories each, and what a test looks for once one of them fails."""

from __future__ import annotations

from typing import Any

from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import LogDirectoryFailed
from tests.unit.sim.raw_client import ORDERS, Lab

FIRST, SECOND = ORDERS, TopicPartition("orders", 1)
"""On each broker the first log goes to directory 1, the second to directory 2."""
ALL = (1, 2, 3)


def jbod(*, log_dirs: int = 2, partitions: int = 2, **config: Any) -> Lab:
    """Three brokers with several log directories each; b1 leads every partition."""
    topic = TopicConfig("orders", partitions=partitions, replicas=(ALL,) * partitions)
    lab = Lab(topic, log_dirs=log_dirs, **config)
    # Until the controller knows where every replica lies.
    lab.run(1)
    return lab


def state_of(lab: Lab, tp: TopicPartition) -> Any:
    return lab.cluster.controller.replication.state_of(tp)


def fail(lab: Lab, broker: int, directory: int) -> LogDirectoryFailed:
    """Let a directory fail, and go on until its broker has found out."""
    lab.cluster.fail_log_directory(broker, directory)
    found: LogDirectoryFailed = lab.run_to(LogDirectoryFailed, broker=broker)
    return found


def offline_replicas(lab: Lab, broker: int) -> dict[int, tuple[int, ...]]:
    """Partition -> what a broker's Metadata lists as offline."""
    wanted = metadata.MetadataRequest(metadata.named("orders"))
    answer = lab.client.connect(broker).call(ApiKey.METADATA, wanted, 12)
    return {one.partition_index: one.offline_replicas for one in answer.topics[0].partitions}
