"""A broker that nobody here wrote: librdkafka's mock cluster, from the wheel of confluent-kafka, on 127.0.0.1."""

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

METADATA_S_MAX = 60


@pytest.fixture(scope="session")
def bootstrap() -> Iterator[str]:
    """The addresses of three mock brokers, which live as long as the librdkafka producer that holds them."""
    holder = Producer({"bootstrap.servers": "ignored:1", "test.mock.num.brokers": 3, "log_level": 0})
    brokers = holder.list_topics(timeout=METADATA_S_MAX).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del holder
