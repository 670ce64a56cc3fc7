"""The same test bodies against confluent-kafka's SerializingProducer and ours: the same bytes, calls and errors."""

from collections.abc import Callable, Iterator
from typing import Any

import confluent_kafka
import pytest
from confluent_kafka.serialization import IntegerSerializer, StringSerializer

import producer.facades.confluent as facade
from tests.librdkafka.confluent_kinds import WAIT_S, both, end
from tests.librdkafka.reading import read_back

NAMES = iter(range(1_000_000))


@pytest.fixture
def topic() -> str:
    return f"serializing-{next(NAMES)}"


@pytest.fixture
def make(bootstrap: str) -> Iterator[Callable[..., Any]]:
    made = []

    def build(kafka: Any, **serializers: Any) -> Any:
        given = {f"{role}.serializer": one for role, one in serializers.items()}
        made.append(kafka.SerializingProducer({"bootstrap.servers": bootstrap, "log_level": 0} | given))
        return made[-1]

    yield build
    for one in made:
        end(one)


@both
def test_confluent_s_serializers_make_the_bytes(
    make: Callable[..., Any], bootstrap: str, topic: str, kafka: Any
) -> None:
    producer = make(kafka, key=StringSerializer(), value=IntegerSerializer())

    producer.produce(topic, "k", 258, 0)
    producer.produce(topic, value=None, partition=0)
    assert producer.flush(WAIT_S) == 0

    found = read_back(bootstrap, topic, 2)
    assert [(one.key, one.value) for one in found] == [(b"k", b"\0\0\1\2"), (None, None)]


@both
def test_a_serializer_is_told_topic_part_and_headers_and_may_add_to_them(
    make: Callable[..., Any], bootstrap: str, topic: str, kafka: Any
) -> None:
    told: list[tuple[str, str]] = []

    def text(value: Any, context: Any) -> bytes:
        told.append((context.topic, str(context.field)))
        context.headers.append((str(context.field), b"1"))
        return str(value).encode()

    producer = make(kafka, key=text, value=text)
    producer.produce(topic, 1, 2, 0, headers=[("mine", b"0")])
    producer.flush(WAIT_S)

    (found,) = read_back(bootstrap, topic, 1)
    assert told == [(topic, "key"), (topic, "value")]
    assert (found.key, found.value) == (b"1", b"2")
    assert found.headers == [("mine", b"0"), ("key", b"1"), ("value", b"1")]


def errors_of(kafka: Any) -> Any:
    return kafka if kafka is facade else confluent_kafka.error


@both
@pytest.mark.parametrize("role", ["key", "value"])
def test_what_a_serializer_raises_is_an_error_and_nothing_is_queued(
    make: Callable[..., Any], topic: str, kafka: Any, role: str
) -> None:
    def refuse(_value: Any, _context: Any) -> bytes:
        raise ValueError("no such order")

    producer = make(kafka, **{role: refuse})
    with pytest.raises(getattr(errors_of(kafka), f"{role.title()}SerializationError")) as refused:
        producer.produce(topic, "k", "v")

    assert isinstance(refused.value, kafka.KafkaException)
    assert str(refused.value.exception) == "no such order"
    assert (refused.value.name, refused.value.args[0].str()) == (f"_{role.upper()}_SERIALIZATION", "no such order")
    assert refused.value.code == getattr(kafka.KafkaError, f"_{role.upper()}_SERIALIZATION")
    assert len(producer) == 0


@both
def test_no_serializer_is_asked_for_what_cannot_be_sent(bootstrap: str, topic: str, kafka: Any) -> None:
    asked: list[Any] = []
    producer = kafka.SerializingProducer(
        {"bootstrap.servers": bootstrap, "log_level": 0, "value.serializer": lambda value, _: asked.append(value)}
    )

    with pytest.raises(TypeError, match="topic must be a str, not int"):
        producer.produce(5, value="v")
    producer.close()
    with pytest.raises(RuntimeError):
        producer.produce(topic, value="v")
    assert not asked
