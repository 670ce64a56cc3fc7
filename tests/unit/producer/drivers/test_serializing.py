"""Serializers on the way of a record, in both producers: bytes arrive, and what has none is refused before it is queued."""

import asyncio
from typing import Any

import pytest

from producer import AsyncProducer, Interceptor, Producer, Record, SerializationError
from producer.dead_letters import DeadLetterPolicy, DeadLetterProducer, Failure
from producer.serialization.serializer import HeaderList
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker

WAIT_S = 60


class Marking:
    """Says in a header what it was given, and in which topic."""

    def __init__(self) -> None:
        self.closings: list[str] = []

    def serialize(self, topic: str, headers: HeaderList, data: Any) -> bytes:
        headers.append(("made.of", f"{topic} {data!r}".encode()))
        return b"marked"

    def close(self) -> None:
        self.closings.append("closed")


class Watching(Interceptor):
    def __init__(self) -> None:
        self.seen: list[Record] = []

    def on_send(self, record: Record) -> Record:
        self.seen.append(record)
        return record


def properties(broker: OneBroker, **more: Any) -> dict[str, Any]:
    return {
        "bootstrap.servers": broker.address,
        "linger.ms": 0,
        **{name.replace("_", "."): one for name, one in more.items()},
    }


def test_a_value_goes_as_its_serializer_s_bytes() -> None:
    with OneBroker() as broker, Producer(properties(broker, value_serializer="StringSerializer")) as producer:
        producer.send(TOPIC, "grün").result(WAIT_S)
        producer.send(TOPIC, None).result(WAIT_S)

        assert broker.values == ["grün".encode(), None]


def test_a_value_goes_as_its_serializer_s_bytes_on_asyncio() -> None:
    async def send(broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker, value_serializer="integer", key_serializer="string")) as producer:
            await producer.send_and_wait(TOPIC, 258, key="k")
            futures = await producer.send_many(TOPIC, [1, "x", 2], keys=["a", "b", None])
            told = [future.exception() if future.done() else await future for future in futures]
            assert [isinstance(one, SerializationError) for one in told] == [False, True, False]
            with pytest.raises(SerializationError, match="value for topic 'orders': 'x' is a str"):
                await producer.send(TOPIC, "x")

    with OneBroker() as broker:
        asyncio.run(send(broker))

        assert broker.values == [b"\0\0\1\2", b"\0\0\0\1", b"\0\0\0\2"]


@pytest.mark.parametrize("role", ["key", "value"])
def test_what_has_no_bytes_is_refused_before_anything_is_queued(role: str) -> None:
    given: dict[str, Any] = {"value": 1, "key": 1, role: 1.5}
    with (
        OneBroker() as broker,
        Producer(properties(broker, value_serializer="long", key_serializer="long")) as producer,
    ):
        with pytest.raises(
            SerializationError, match=f"^{role} for topic 'orders': 1.5 is a float, must be an int"
        ) as refused:
            producer.send(TOPIC, given["value"], key=given["key"])
        producer.flush(WAIT_S)

        assert refused.value.value == 1.5
        assert broker.values == []


def test_whatever_an_application_s_serializer_raises_is_told_as_a_refusal() -> None:
    with OneBroker() as broker, Producer(properties(broker, value_serializer=bytes.fromhex)) as producer:
        with pytest.raises(SerializationError, match="value for topic 'orders': ValueError: ") as refused:
            producer.send(TOPIC, "no hex")
        assert isinstance(refused.value.__cause__, ValueError)

        producer.send(TOPIC, "ff").result(WAIT_S)
        assert broker.values == [b"\xff"]


def test_columns_are_serialised_and_one_misfit_stops_no_other() -> None:
    with (
        OneBroker() as broker,
        Producer(properties(broker, value_serializer="string", key_serializer="short")) as producer,
    ):
        futures = producer.send_many(TOPIC, ["a", b"b", "c"], keys=[1, 2, 3])
        errors = [future.exception(WAIT_S) for future in futures]

        assert [type(error) for error in errors] == [type(None), SerializationError, type(None)]
        assert broker.values == [b"a", b"c"]


def test_interceptors_see_bytes_and_what_a_serializer_put_into_the_headers() -> None:
    watching, marking = Watching(), Marking()
    with OneBroker() as broker:
        with Producer(properties(broker, value_serializer=marking), interceptors=[watching]) as producer:
            producer.send(TOPIC, {"a": 1}, headers=[("h", b"1")]).result(WAIT_S)
            producer.send_many(TOPIC, ["v"])[0].result(WAIT_S)
            assert marking.closings == []

        assert marking.closings == ["closed"]
        assert broker.values == [b"marked", b"marked"]
    assert [one.value for one in watching.seen] == [b"marked", b"marked"]
    assert watching.seen[0].headers == (("h", b"1"), ("made.of", b"orders {'a': 1}"))
    assert watching.seen[1].headers == (("made.of", b"orders 'v'"),)


def test_a_record_as_a_value_is_in_bytes_already() -> None:
    with OneBroker() as broker, Producer(properties(broker, value_serializer="string")) as producer:
        producer.send_record(Record(TOPIC, b"\xff")).result(WAIT_S)
        producer.send_record(producer.serialized(TOPIC, "v")).result(WAIT_S)

        assert broker.values == [b"\xff", b"v"]


def test_a_dead_letter_of_what_has_no_bytes_is_not_serialised_again() -> None:
    policy = DeadLetterPolicy(topic=TOPIC, counts=frozenset((Failure.UNSERIALISABLE,)))
    with OneBroker() as broker:
        with DeadLetterProducer(Producer(properties(broker, value_serializer="integer")), policy) as producer:
            producer.send(TOPIC, 1).result(WAIT_S)
            assert producer.send(TOPIC, "x").exception(WAIT_S) is not None

        assert broker.values == [b"\0\0\0\1", b"'x'"]
