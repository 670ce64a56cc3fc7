"""A record that cannot be written is refused by `send` itself, in words that name what is wrong, and nothing is queued.

One table for all ways to send, and one for each façade, whose words are those of the client whose shape it has. The
records beside a bad one are not touched: each producer here delivers a good record before and after all of it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from producer import AsyncProducer, DeadLetterProducer, Interceptor, Producer
from producer.errors import RecordTooLargeError, UsageError
from producer.facades import confluent
from producer.facades import kafka_python as kafka
from producer.records import Record

WAIT_S = 30
TOO_LONG = "x" * 250
NO_TEXT = "\udcff"
LIMITS = {"max.request.size": 1_000, "buffer.memory": 2_000, "batch.size": 500}

names = itertools.count(1)

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"value": "text"}, "value is a str, must be bytes or None"),
    ({"value": 5}, "value is a int, must be bytes or None"),
    ({"value": bytearray(b"v")}, "value is a bytearray, must be bytes or None"),
    ({"value": memoryview(b"v")}, "value is a memoryview, must be bytes or None"),
    ({"value": {"a": 1}}, "value is a dict, must be bytes or None"),
    ({"key": "text"}, "key is a str, must be bytes or None"),
    ({"key": 5}, "key is a int, must be bytes or None"),
    ({"key": bytearray(b"k")}, "key is a bytearray, must be bytes or None"),
    ({"key": memoryview(b"k")}, "key is a memoryview, must be bytes or None"),
    ({"topic": None}, "topic is a NoneType, must be a str"),
    ({"topic": b"orders"}, "topic is a bytes, must be a str"),
    ({"topic": ["orders"]}, "topic is a list, must be a str"),
    ({"topic": ""}, "topic is empty"),
    ({"topic": "two words"}, "topic 'two words' of 9 characters is no topic's name"),
    ({"topic": "größe"}, "topic 'größe' of 5 characters is no topic's name"),
    ({"topic": NO_TEXT}, r"topic '\udcff' of 1 characters is no topic's name"),
    ({"topic": ".."}, "topic '..' of 2 characters is no topic's name"),
    ({"topic": TOO_LONG}, "of 250 characters is no topic's name: 1 to 249 of a-z"),
    ({"partition": True}, "partition is True, must be an int or None"),
    ({"partition": 1.0}, "partition is 1.0, must be an int or None"),
    ({"partition": 1e30}, "partition is 1e+30, must be an int or None"),
    ({"partition": "1"}, "partition is '1', must be an int or None"),
    ({"partition": -1}, "partition is -1, must not be negative"),
    ({"timestamp_ms": -1}, f"timestamp_ms is -1, must be an int of 0..{2**63 - 1}, or None"),
    ({"timestamp_ms": 1.5}, "timestamp_ms is 1.5, must be an int"),
    ({"timestamp_ms": 2**63}, f"timestamp_ms is {2**63}, must be an int"),
    ({"timestamp_ms": True}, "timestamp_ms is True, must be an int"),
    ({"timestamp_ms": "now"}, "timestamp_ms is 'now', must be an int"),
    ({"headers": [("a", "b")]}, "the value of header 'a' is a str, must be bytes or None"),
    ({"headers": [("a", 1)]}, "the value of header 'a' is a int, must be bytes or None"),
    ({"headers": [("a", bytearray(b"b"))]}, "the value of header 'a' is a bytearray, must be bytes or None"),
    ({"headers": [("a", memoryview(b"b"))]}, "the value of header 'a' is a memoryview, must be bytes or None"),
    ({"headers": [(b"a", b"b")]}, "the name of headers[0] is a bytes, must be a str"),
    ({"headers": [("a", b"b"), (None, b"b")]}, "the name of headers[1] is a NoneType, must be a str"),
    ({"headers": [(NO_TEXT, b"b")]}, r"the name of headers[0] is '\udcff', which cannot be written as UTF-8"),
    ({"headers": [("a", b"b"), ("a",)]}, "headers[1] is ('a',), must be a (name, value) tuple"),
    ({"headers": [["a", b"b"]]}, "headers[0] is ['a', b'b'], must be a (name, value) tuple"),
    ({"headers": "ab"}, "headers[0] is 'a', must be a (name, value) tuple"),
]
ONLY_AS_ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"headers": 5}, "headers is 5, must be (name, value) pairs"),
    ({"headers": {"a": b"b"}}, "headers is a dict, must be (name, value) pairs"),
]
ONLY_AS_A_VALUE: list[tuple[dict[str, Any], str]] = [({"headers": [("a", b"b")]}, "headers is a list, must be a tuple")]


def arguments(wrong: dict[str, Any]) -> dict[str, Any]:
    return {"topic": "orders", "value": b"v"} | wrong


def refused(call: Any, given: dict[str, Any], kind: type[Exception], says: str) -> None:
    with pytest.raises(kind) as told:
        call(**given)
    assert says in str(told.value)


def holds_nothing(producer: Producer | AsyncProducer) -> bool:
    engine = producer._engine
    return engine.is_idle and engine._buffer.free_bytes == engine._buffer.total_bytes and not engine._metadata_waits


@pytest.fixture
def topic() -> str:
    return f"bad-{next(names)}"


@pytest.fixture
def producer(bootstrap: str, topic: str) -> Iterator[Producer]:
    """One that is at work, and is so again when all is over."""
    with Producer({"bootstrap.servers": bootstrap}) as one:
        one.send(topic, b"before", partition=0).result(WAIT_S)
        yield one
        assert holds_nothing(one)
        assert one.send(topic, b"after", partition=0).result(WAIT_S).offset == 1


def test_send_names_what_is_wrong_and_queues_nothing(producer: Producer, topic: str) -> None:
    mate = producer.send("orders", b"of the same batch", partition=0)

    for wrong, says in (*WRONG, *ONLY_AS_ARGUMENTS):
        refused(producer.send, arguments(wrong), UsageError, says)

    producer.flush(WAIT_S)
    assert mate.exception(0) is None


@pytest.mark.parametrize(
    "values,keys,says",
    [
        (["text"], None, "value 0 is a str, must be bytes or None"),
        ([b"v", bytearray(b"v")], None, "value 1 is a bytearray, must be bytes or None"),
        ([b"v"], ["k"], "key 0 is a str, must be bytes"),
        ([b"v"], [None], "key 0 is a NoneType, must be bytes"),
        ([b"v"], [], "0 keys and 1 values, must be as many"),
    ],
)
def test_a_column_with_a_bad_record_is_refused_as_a_whole(
    producer: Producer, topic: str, values: Any, keys: Any, says: str
) -> None:
    refused(producer.send_many, {"topic": topic, "values": values, "keys": keys}, UsageError, says)


def test_columns_for_what_is_no_topic_are_refused_as_a_whole(producer: Producer) -> None:
    for wrong, says in WRONG:
        if "topic" in wrong:
            refused(producer.send_many, {**wrong, "values": [b"v"]}, UsageError, says)


def test_a_record_as_a_value_is_looked_at_as_closely(producer: Producer) -> None:
    for wrong, says in (*WRONG, *ONLY_AS_A_VALUE):
        given = arguments(wrong)
        if "headers" in given and (wrong, says) not in ONLY_AS_A_VALUE:
            given["headers"] = tuple(given["headers"])
        refused(producer.send_record, {"record": Record(**given)}, UsageError, says)


def test_what_an_interceptor_makes_of_a_record_is_looked_at_too(bootstrap: str) -> None:
    heard: list[Any] = []

    class Careless(Interceptor):
        def on_send(self, record: Record) -> Record:
            return record._replace(value="text")  # type: ignore[arg-type]

        def on_acknowledgement(self, metadata: Any, error: Any, headers: Any) -> None:
            heard.append(str(error))

    with Producer({"bootstrap.servers": bootstrap}, interceptors=[Careless()]) as producer:
        refused(producer.send, {"topic": "orders", "value": b"v"}, UsageError, "value is a str, must be bytes or None")
        assert holds_nothing(producer)

    assert heard == ["value is a str, must be bytes or None"]


def test_an_asyncio_producer_names_the_same_and_queues_nothing(bootstrap: str, topic: str) -> None:
    async def story() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            for wrong, says in (*WRONG, *ONLY_AS_ARGUMENTS):
                with pytest.raises(UsageError) as told:
                    await producer.send(**arguments(wrong))
                assert says in str(told.value)
                assert holds_nothing(producer)
            await producer.send_and_wait(topic, b"v")

    asyncio.run(asyncio.wait_for(story(), WAIT_S))


def test_a_mistake_of_the_callers_makes_no_dead_letter(bootstrap: str, topic: str) -> None:
    plain = Producer({"bootstrap.servers": bootstrap})
    with DeadLetterProducer(plain) as producer:
        for wrong, says in (*WRONG, *ONLY_AS_ARGUMENTS):
            refused(producer.send, arguments(wrong), UsageError, says)
        assert holds_nothing(plain)
        assert producer.send(topic, b"v").result(WAIT_S).topic == topic


@pytest.mark.parametrize("topic_of_all", ["", "two words", TOO_LONG, None, 5])
def test_partitions_for_refuses_what_is_no_name_without_a_wait(producer: Producer, topic_of_all: Any) -> None:
    refused(producer.partitions_for, {"topic": topic_of_all}, UsageError, "topic ")


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "properties,says",
    [
        (LIMITS, "a record that takes 1570 bytes in a batch of 'orders' does not fit max.request.size of 1000"),
        (LIMITS | {"max.request.size": 9_000, "buffer.memory": 1_000}, "does not fit buffer.memory of 1000"),
    ],
)
def test_a_record_over_a_limit_is_named_with_its_size_and_the_limits(
    bootstrap: str, topic: str, properties: dict[str, Any], says: str
) -> None:
    async def asynchronously() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap} | properties) as producer:
            with pytest.raises(RecordTooLargeError, match=re.escape(says)):
                await producer.send("orders", bytes(1_500))
            assert holds_nothing(producer)

    with Producer({"bootstrap.servers": bootstrap} | properties) as producer:
        refused(producer.send, {"topic": "orders", "value": bytes(1_500)}, RecordTooLargeError, says)
        with_header = {"topic": "orders", "headers": [("h", bytes(1_500))]}
        refused(producer.send, with_header, RecordTooLargeError, "does not fit")
        assert holds_nothing(producer)
        assert producer.send(topic, bytes(800)).result(WAIT_S).topic == topic
    asyncio.run(asyncio.wait_for(asynchronously(), WAIT_S))


# -- the façades -------------------------------------------------------------------------------------------------------

KAFKA_PYTHON: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"value": "text"}, TypeError, "Unsupported type for serialized value: <class 'str'>"),
    ({"key": 5}, TypeError, "Unsupported type for serialized key: <class 'int'>"),
    ({"value": None}, ValueError, "Need at least one: key or value"),
    ({"topic": b"orders"}, TypeError, "All topics must be strings"),
    ({"topic": ""}, ValueError, "All topics must be non-empty strings"),
    ({"topic": "two words"}, ValueError, 'Topic name "two words" is illegal'),
    ({"topic": TOO_LONG}, ValueError, "it can't be longer than 249 characters"),
    ({"partition": 1.0}, TypeError, "partition must be an int, not float"),
    ({"partition": -1}, ValueError, "partition must be >= 0"),
    ({"partition": 2**31}, ValueError, "Unrecognized partition 2147483648 for topic orders"),
    ({"partition": 99}, ValueError, "Unrecognized partition 99 for topic orders"),
    ({"timestamp_ms": -1}, ValueError, "timestamp_ms -1 is invalid"),
    ({"timestamp_ms": 1.5}, TypeError, "1.5"),
    ({"timestamp_ms": 2**63}, ValueError, "timestamp_ms 9223372036854775808 is invalid"),
    ({"headers": (("a", b"b"),)}, TypeError, "headers must be list-type"),
    ({"headers": [("a", "b")]}, TypeError, "All headers items must be (str, bytes) tuples"),
    ({"headers": [("a",)]}, TypeError, "All headers items must be (str, bytes) tuples"),
    ({"headers": [(NO_TEXT, b"b")]}, ValueError, "surrogates not allowed"),
    ({"value": bytes(2_000_000)}, kafka.MessageSizeTooLargeError, "larger than the maximum request size"),
]


def test_the_facade_of_kafka_python_raises_what_that_one_raises(bootstrap: str, topic: str) -> None:
    with kafka.KafkaProducer(bootstrap_servers=bootstrap) as producer:
        for wrong, kind, says in KAFKA_PYTHON:
            refused(producer.send, arguments(wrong), kind, says)
        assert holds_nothing(producer._producer)
        assert producer.send(topic, b"v").get(WAIT_S).topic == topic


CONFLUENT: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"value": 5}, TypeError, "a bytes-like object is required, not 'int'"),
    ({"value": bytearray(b"v")}, TypeError, "argument 2 must be read-only bytes-like object, not bytearray"),
    ({"value": NO_TEXT}, ValueError, "surrogates not allowed"),
    ({"key": 1.5}, TypeError, "a bytes-like object is required, not 'float'"),
    ({"topic": None}, TypeError, "argument 1 must be str, not None"),
    ({"topic": b"orders"}, TypeError, "argument 1 must be str, not bytes"),
    ({"topic": "x" * 513}, confluent.KafkaException, "Invalid argument or configuration"),
    ({"topic": "a\0b"}, ValueError, "embedded null character"),
    ({"partition": 1.0}, TypeError, "'float' object cannot be interpreted as an integer"),
    ({"partition": "1"}, TypeError, "'str' object cannot be interpreted as an integer"),
    ({"partition": None}, TypeError, "'NoneType' object cannot be interpreted as an integer"),
    ({"partition": -2}, confluent.KafkaException, "Unknown partition"),
    ({"partition": 99}, confluent.KafkaException, "Unknown partition"),
    ({"partition": 2**31}, OverflowError, "signed integer is greater than maximum"),
    ({"timestamp": 1.5}, TypeError, "'float' object cannot be interpreted as an integer"),
    ({"timestamp": 2**63}, OverflowError, "int too big to convert"),
    ({"headers": 5}, TypeError, "expected headers to be dict or list of (key, value) tuples, not int"),
    ({"headers": "ab"}, TypeError, "expected headers to be dict or list of (key, value) tuples, not str"),
    ({"headers": [("a",)]}, TypeError, "Headers are expected to be a list of (key, value) tuples"),
    ({"headers": [("a", 5)]}, TypeError, "expected header value to be None, binary, or unicode string, not int"),
    ({"headers": {"a": bytearray(b"b")}}, TypeError, "expected header value to be None, binary, or unicode string"),
    ({"headers": [(NO_TEXT, b"b")]}, ValueError, "surrogates not allowed"),
    ({"value": bytes(2_000_000)}, confluent.KafkaException, "Message size too large"),
]


def test_the_facade_of_confluent_kafka_raises_what_that_one_raises(bootstrap: str, topic: str) -> None:
    reports: list[Any] = []
    with confluent.Producer(
        {"bootstrap.servers": bootstrap, "on_delivery": lambda *told: reports.append(told)}
    ) as producer:
        producer.list_topics("orders")
        for wrong, kind, says in CONFLUENT:
            refused(producer.produce, arguments(wrong), kind, says)
        assert len(producer) == 0
        assert holds_nothing(producer._producer)
        producer.produce(topic, b"v")
        assert producer.flush(WAIT_S) == 0
    assert [error for error, _ in reports] == [None]
