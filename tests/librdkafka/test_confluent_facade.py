"""The same test bodies against confluent-kafka and our façade of it, on librdkafka's brokers: the same outcome."""

import itertools
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import confluent_kafka
import pytest

import producer.facades.confluent as facade
from producer.errors import Code
from tests.librdkafka.airports import airports
from tests.librdkafka.confluent_kinds import WAIT_S, both, end
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import read_back

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"confluent-{next(names)}"


@pytest.fixture
def make(bootstrap: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    made = []

    def build(kafka: Any, **properties: Any) -> Any:
        given = {"bootstrap.servers": bootstrap, "log_level": 0}
        given |= {name.replace("_", "."): value for name, value in properties.items()}
        made.append(kafka.Producer(given))
        return made[-1]

    yield build
    for one in made:
        end(one)


class Heard(list[Any]):
    """Delivery reports, in the order in which they came."""

    def __call__(self, error: Any, message: Any) -> None:
        self.append((error, message))


@both
def test_text_and_bytes_are_delivered_and_reported(make: Callable[..., Any], topic: str, kafka: Any) -> None:
    producer, heard = make(kafka), Heard()

    producer.produce(topic, "text", key="k", partition=1, headers={"a": b"1", "b": None, "c": "x"}, on_delivery=heard)
    producer.produce(topic, b"bytes", b"k", 1, heard)
    assert len(producer) == 2
    assert not heard
    assert producer.flush(WAIT_S) == 0

    assert len(producer) == 0
    said = [
        (error, one.topic(), one.partition(), one.offset(), one.key(), one.value(), one.headers(), one.error())
        for error, one in heard
    ]
    assert said == [
        (None, topic, 1, 0, b"k", b"text", None, None),
        (None, topic, 1, 1, b"k", b"bytes", None, None),
    ]
    assert all(0 < one.latency() < WAIT_S for _, one in heard)
    assert [len(one) for _, one in heard] == [4, 5]


@both
def test_the_consumer_finds_headers_and_timestamp(
    make: Callable[..., Any], bootstrap: str, topic: str, kafka: Any
) -> None:
    producer = make(kafka)

    producer.produce(topic, None, key=b"", timestamp=1_700_000_000_000, headers=[("h", "x"), ("h", None)])
    producer.flush(WAIT_S)
    (found,) = read_back(bootstrap, topic, 1)

    assert (found.value, found.timestamp_ms) == (None, 1_700_000_000_000)
    assert found.headers == [("h", b"x"), ("h", None)]


@pytest.mark.parametrize(
    "partitioner,unhashed",
    [
        ("consistent_random", {None, b""}),
        ("consistent", {}),
        ("murmur2", {}),
        ("murmur2_random", {None}),
        ("fnv1a", {}),
        ("fnv1a_random", {None}),
    ],
)
def test_a_key_goes_to_the_same_partition_as_before_the_move(
    make: Callable[..., Any], topic: str, partitioner: str, unhashed: Collection[bytes | None]
) -> None:
    odd_ones = [key for key in (None, b"", b"a", b"\x00\xff" * 9, bytes(range(256))) if key not in unhashed]
    keys = [*sorted({key for key, _ in airports()}), *odd_ones]
    chosen = []

    for kafka in (confluent_kafka, facade):
        producer, heard = make(kafka, partitioner=partitioner), Heard()
        for key in keys:
            producer.produce(topic, b"v", key=key, on_delivery=heard)
        assert producer.flush(WAIT_S) == 0
        chosen.append({one.key(): one.partition() for _, one in heard})

    assert chosen[0] == chosen[1]


@both
def test_order_per_key_holds_and_nothing_is_lost(
    make: Callable[..., Any], bootstrap: str, topic: str, kafka: Any
) -> None:
    records = airports()
    producer, heard = make(kafka, enable_idempotence=True), Heard()

    for key, value in records:
        producer.produce(topic, value, key=key, on_delivery=heard)
        producer.poll(0)
    assert producer.flush(WAIT_S) == 0
    found = read_back(bootstrap, topic, len(records))

    assert len(heard) == len(records)
    for key in {key for key, _ in records}:
        assert [one.value for one in found if one.key == key] == [value for other, value in records if other == key]


@both
def test_produce_never_blocks_and_a_full_queue_is_a_buffer_error(kafka: Any) -> None:
    producer = kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "queue.buffering.max.messages": 2, "log_level": 0})
    begun_s = time.monotonic()

    producer.produce("orders", b"1")
    producer.produce("orders", b"2")
    with pytest.raises(BufferError, match="Queue full"):
        producer.produce("orders", b"3")
    took_s = time.monotonic() - begun_s

    # Whoever waited for room would wait for a minute.
    assert took_s < 20
    assert producer.flush(0.05) == 2
    end(producer)


@both
def test_a_message_whose_report_was_not_served_still_fills_the_queue(
    make: Callable[..., Any], topic: str, kafka: Any
) -> None:
    producer = make(kafka, queue_buffering_max_messages=1)

    producer.produce(topic, b"1")
    until_s = time.monotonic() + 1
    while time.monotonic() < until_s:
        with pytest.raises(BufferError):
            producer.produce(topic, b"2")
        time.sleep(0.2)
    assert producer.poll(WAIT_S) == 1

    producer.produce(topic, b"2")
    assert producer.flush(WAIT_S) == 0


@both
def test_a_message_that_finds_no_broker_times_out(kafka: Any) -> None:
    producer = kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": 500, "log_level": 0})
    heard = Heard()

    producer.produce("orders", b"v", key=b"k", on_delivery=heard)
    assert producer.flush(WAIT_S) == 0

    ((error, message),) = heard
    assert error == kafka.KafkaError._MSG_TIMED_OUT
    assert (error.code(), error.name(), error.str()) == (-192, "_MSG_TIMED_OUT", "Local: Message timed out")
    assert not error.retriable()
    assert (message.partition(), message.offset(), message.timestamp()) == (None, None, (0, -1))
    assert (message.key(), message.value(), message.error()) == (b"k", b"v", error)
    end(producer)


@both
def test_purge_reports_each_message_once(kafka: Any) -> None:
    producer = kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    heard = Heard()

    for index in range(5):
        producer.produce("orders", b"%d" % index, on_delivery=heard)
    producer.purge()
    producer.flush(WAIT_S)

    assert [(error.name(), one.value()) for error, one in heard] == [
        ("_PURGE_QUEUE", b"%d" % index) for index in range(5)
    ]
    assert len(producer) == 0
    end(producer)


@both
def test_too_large_unknown_partition_and_wrong_types_are_refused_at_once(
    make: Callable[..., Any], topic: str, kafka: Any
) -> None:
    producer = make(kafka)
    producer.produce(topic, b"v")
    producer.flush(WAIT_S)
    refused = []

    for arguments in ((topic, bytes(2_000_000)), (topic, b"v", None, 99)):
        with pytest.raises(kafka.KafkaException) as caught:
            producer.produce(*arguments)
        refused.append(caught.value.args[0].name())
    for wrong in ((topic, 5), (None, b"v"), (topic, bytearray(b"v"))):
        with pytest.raises(TypeError):
            producer.produce(*wrong)
    with pytest.raises(TypeError):
        producer.produce(topic, b"v", headers=[("h", 5)])

    assert refused == ["MSG_SIZE_TOO_LARGE", "_UNKNOWN_PARTITION"]
    assert len(producer) == 0


@both
@pytest.mark.parametrize("code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.INVALID_RECORD, Code.POLICY_VIOLATION])
def test_a_refusal_by_the_broker_is_reported_with_its_code(kafka: Any, code: Code) -> None:
    with failing_cluster() as cluster:
        producer = kafka.Producer({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        heard = Heard()
        cluster.fail_next_produce([code])
        producer.produce("orders", b"v", partition=0, on_delivery=heard)
        assert producer.flush(WAIT_S) == 0
        end(producer)

    ((error, message),) = heard
    assert (error.code(), error.name()) == (code, code.name)
    assert message.error() == error


@both
def test_what_a_callback_raises_is_raised_by_flush(make: Callable[..., Any], topic: str, kafka: Any) -> None:
    def fail(_error: object, _message: object) -> None:
        raise ValueError("the application's own")

    producer, heard = make(kafka), Heard()
    producer.produce(topic, b"1", partition=0, on_delivery=fail)
    producer.produce(topic, b"2", partition=0, on_delivery=heard)
    with pytest.raises(ValueError, match="the application's own"):
        producer.flush(WAIT_S)
    producer.flush(WAIT_S)

    assert [one.value() for _, one in heard] == [b"2"]
    assert len(producer) == 0


@both
def test_a_callback_may_produce(make: Callable[..., Any], bootstrap: str, topic: str, kafka: Any) -> None:
    producer = make(kafka)

    def answer(_error: object, _message: object) -> None:
        producer.produce(topic, b"second", partition=0)

    producer.produce(topic, b"first", partition=0, callback=answer)
    assert producer.flush(WAIT_S) == 0

    assert [one.value for one in read_back(bootstrap, topic, 2)] == [b"first", b"second"]


@both
def test_a_callback_of_the_configuration_serves_every_message(bootstrap: str, topic: str, kafka: Any) -> None:
    heard = Heard()
    with kafka.Producer({"bootstrap.servers": bootstrap, "log_level": 0, "on_delivery": heard, "acks": 0}) as producer:
        producer.produce(topic, b"v", partition=2)

    assert [(error, one.partition(), one.offset()) for error, one in heard] == [(None, 2, None)]
    with pytest.raises(RuntimeError, match="closed"):
        producer.produce(topic, b"v")


@both
def test_list_topics_names_brokers_and_leaders(make: Callable[..., Any], topic: str, kafka: Any) -> None:
    told = make(kafka).list_topics(topic, timeout=WAIT_S)

    assert sorted(told.brokers) == [1, 2, 3]
    assert {broker.id for broker in told.brokers.values()} == {1, 2, 3}
    assert sorted(told.topics[topic].partitions) == [0, 1, 2, 3]
    assert all(one.leader in told.brokers for one in told.topics[topic].partitions.values())
    assert told.cluster_id.startswith("mockCluster")


def test_a_partition_that_is_found_not_to_exist_is_reported(make: Callable[..., Any], topic: str) -> None:
    producer, heard = make(facade), Heard()

    producer.produce(topic, b"v", partition=99, on_delivery=heard)
    assert producer.flush(WAIT_S) == 0

    assert [error.name() for error, _ in heard] == ["_UNKNOWN_PARTITION"]
