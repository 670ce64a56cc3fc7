"""One broker of Apache Kafka for the clients to meet, where Java and Maven are."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.case import Skip
from tests.bench.mock_cluster import PARTITIONS, TOPIC


@contextmanager
def kafka_broker() -> Iterator[str]:
    """The address of a broker that holds TOPIC with PARTITIONS partitions. Raises Skip where it cannot be had."""
    from tests.interop.requirements import missing

    if lacking := missing():
        raise Skip("; ".join(lacking))
    from tests.interop.apache_kafka import ApacheKafka

    with tempfile.TemporaryDirectory() as folder, ApacheKafka(Path(folder) / "kafka") as kafka:
        kafka.admin.create_topic(TOPIC, partitions=PARTITIONS)
        yield kafka.bootstrap
