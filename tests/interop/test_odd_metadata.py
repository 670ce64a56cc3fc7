"""A broker that says something odd of one topic or broker: Java's producer goes on with the others, and so does ours."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from producer.errors import Code
from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic
from tests.interop.driven import DrivenProducer, JavaProducer, OurProducer
from tests.interop.odd_broker import OddBroker

PROPERTIES: dict[str, Any] = {
    "acks": "1",
    "enable.idempotence": False,
    "linger.ms": 0,
}
HEALTHY = MetadataTopic(
    0, "healthy", bytes(15) + b"\x01", partitions=(MetadataPartition(0, 0, 1, 5), MetadataPartition(0, 1, 1, 5))
)
ODD_ID = bytes(15) + b"\x02"


def odd(*more: MetadataBroker, code: int = Code.NONE, partitions: dict[int, int] | None = None) -> Any:
    """Say that there are these brokers, too, and of another topic who leads which of its partitions."""
    leaders = {0: 1} if partitions is None else partitions
    listed = tuple(MetadataPartition(0, index, leader, 5) for index, leader in leaders.items())
    return lambda me: MetadataResponse(
        brokers=(me, *more), cluster_id="odd", topics=(HEALTHY, MetadataTopic(code, "odd", ODD_ID, partitions=listed))
    )


Pair = tuple[OddBroker, DrivenProducer]
Both = Callable[[Any], list[Pair]]


@pytest.fixture
def both(java_class_path: str, tmp_path: Path) -> Iterator[Both]:
    """Start either producer, each at a broker of its own that says the same."""
    with ExitStack() as closing:

        def begin(says: Any, kind: Callable[[dict[str, Any]], DrivenProducer]) -> Pair:
            broker = closing.enter_context(OddBroker(says))
            producer = kind(PROPERTIES | {"bootstrap.servers": broker.address})
            closing.callback(producer.end)
            return broker, producer

        java = partial(JavaProducer, class_path=java_class_path, log=tmp_path / "java.log")
        yield lambda says: [begin(says, OurProducer), begin(says, java)]


@pytest.mark.parametrize(
    "says",
    [
        odd(partitions={0: 1, 2: 1}),
        odd(partitions={0: 1, -1: 1}),
        odd(partitions={0: 1, 1: 7}),
        odd(MetadataBroker(2, "127.0.0.1", 0), partitions={0: 1, 1: 2}),
        odd(MetadataBroker(2, "127.0.0.1", 70_000), partitions={0: 1, 1: 2}),
        odd(MetadataBroker(2, "", 9092), partitions={0: 1, 1: 2}),
    ],
    ids=["a hole", "a negative partition", "a leader nobody names", "port 0", "port 70000", "no host"],
)
def test_both_go_on_with_what_is_healthy_and_ask_no_more_often(both: Both, says: Any) -> None:
    for broker, producer in both(says):
        for number, (topic, partition) in enumerate([("healthy", 0), ("odd", 0), ("healthy", 1), ("odd", 0)]):
            producer.send(number, topic, f"{number}", key=None, partition=partition)
            producer.wait_told(number + 1)

        assert [told.code for number in range(4) for told in producer.told[number]] == ["NONE"] * 4, producer.name
        assert (broker.asked, broker.connections) == (2, 2), producer.name


def test_both_ask_for_a_refused_topic_when_somebody_sends_to_it(both: Both) -> None:
    for broker, producer in both(odd(code=Code.TOPIC_AUTHORIZATION_FAILED, partitions={})):
        for number, topic in enumerate(["healthy", "odd", "odd", "healthy"]):
            producer.send(number, topic, f"{number}", key=None, partition=None)
            producer.wait_told(number + 1)

        codes = [told.code for number in range(4) for told in producer.told[number]]
        assert codes == ["NONE", "TOPIC_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED", "NONE"], producer.name
        assert broker.asked == 3, producer.name


def test_both_ask_for_a_topic_that_is_invalid_once(both: Both) -> None:
    for broker, producer in both(odd(code=Code.INVALID_TOPIC_EXCEPTION, partitions={})):
        for number, topic in enumerate(["healthy", "odd", "odd", "healthy"]):
            producer.send(number, topic, f"{number}", key=None, partition=None)
            producer.wait_told(number + 1)

        codes = [told.code for number in range(4) for told in producer.told[number]]
        assert codes == ["NONE", "INVALID_TOPIC_EXCEPTION", "INVALID_TOPIC_EXCEPTION", "NONE"], producer.name
        assert broker.asked == 2, producer.name
