"""A schema registry on a real socket, asked by both producers: values arrive with their schema's id, or are refused unsent."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from producer import AsyncProducer, Producer, SchemaRegistryError, SerializationError
from producer.drivers.thread_registry import SchemaRegistry
from producer.errors import ConfigError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.registry import calls
from producer.serialization.registry.settings import RegistrySettings, places
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.serializer import HeaderList
from tests.unit.producer.drivers.holdings import back_to, holdings
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.serialization.small_registry import SmallRegistry, served

pytestmark = pytest.mark.usefixtures("nobody_looks_at_what_lived_before")

WAIT_S = 60
TEXT = json.dumps({"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int"}]})
ORDER = Schema(SchemaType.AVRO, TEXT)
ORDER_WITH_DEFAULT = Schema(SchemaType.AVRO, TEXT.replace("]", ', {"name": "note", "type": "string", "default": ""}]'))


def properties(broker: OneBroker, url: str, **more: Any) -> dict[str, Any]:
    return {
        "bootstrap.servers": broker.address,
        "linger.ms": 0,
        "schema.registry.url": url,
        "value.serializer": SchemaSerializer(ORDER),
        **{name.replace("_", "."): one for name, one in more.items()},
    }


@contextmanager
def unreachable() -> Iterator[str]:
    """A place where nobody listens, and nobody else will."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{one.getsockname()[1]}"


def test_a_value_goes_with_the_id_of_its_schema_which_is_asked_for_once() -> None:
    registry = SmallRegistry()
    with served(registry) as url, OneBroker() as broker:
        with Producer(properties(broker, url)) as producer:
            for number in range(3):
                producer.send(TOPIC, {"id": number}).result(WAIT_S)
            with pytest.raises(
                SerializationError, match=r"^value for topic 'orders': field id is 'x'.*version 1, id 1\)$"
            ):
                producer.send(TOPIC, {"id": "x"})

        assert broker.values == [b"\0\0\0\0\1\0", b"\0\0\0\0\1\2", b"\0\0\0\0\1\4"]
        assert registry.asked == ["POST /subjects/orders-value/versions"]


def test_confluent_s_class_name_and_a_schema_s_text_do_as_well() -> None:
    registry = SmallRegistry()
    name = "io.confluent.kafka.serializers.KafkaAvroSerializer"
    with served(registry) as url, OneBroker() as broker:
        with Producer(properties(broker, url, value_serializer=name, acklab_value_schema=TEXT)) as producer:
            producer.send(TOPIC, {"id": 1}).result(WAIT_S)

        assert broker.values == [b"\0\0\0\0\1\2"]


def test_the_event_loop_goes_on_while_a_registry_is_asked() -> None:
    registry = SmallRegistry()

    async def send(url: str, broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker, url, key_serializer=SchemaSerializer(ORDER))) as producer:
            sent = [producer.send_and_wait(TOPIC, {"id": number}, key={"id": number}) for number in range(3)]
            await asyncio.gather(*sent)
            futures = await producer.send_many(TOPIC, [{"id": 7}, {"id": 0.5}])
            with pytest.raises(SerializationError):
                await futures[1]
            await futures[0]

    with served(registry) as url, OneBroker() as broker:
        asyncio.run(send(url, broker))

        assert sorted(filter(None, broker.values)) == [b"\0\0\0\0\1" + bytes((2 * number,)) for number in (0, 1, 2, 7)]
    assert registry.asked == ["POST /subjects/orders-key/versions", "POST /subjects/orders-value/versions"]


def test_without_a_registry_nothing_is_sent_and_what_is_remembered_goes_on() -> None:
    registry = SmallRegistry()
    with OneBroker() as broker:
        with served(registry) as url:
            producer = Producer(properties(broker, url, schema_registry_max_retries=0))
            producer.send(TOPIC, {"id": 1}).result(WAIT_S)
        with producer:
            producer.send(TOPIC, {"id": 2}).result(WAIT_S)
            with pytest.raises(
                SchemaRegistryError, match=r"POST /subjects/bills-value/versions at http://127\.0\.0\.1"
            ) as refused:
                producer.send("bills", {"id": 3})
            assert refused.value.is_retriable

        assert broker.values == [b"\0\0\0\0\1\2", b"\0\0\0\0\1\4"]


def test_on_asyncio_nothing_is_sent_without_a_registry_either() -> None:
    async def send(url: str, broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker, url, schema_registry_max_retries=0)) as producer:
            with pytest.raises(SchemaRegistryError, match="Connection refused"):
                await producer.send(TOPIC, {"id": 1})

    with unreachable() as url, OneBroker() as broker:
        asyncio.run(send(url, broker))

        assert broker.values == []


def test_a_cancelled_send_leaves_the_registry_to_the_next_one() -> None:
    registry = SmallRegistry()

    async def send(url: str, broker: OneBroker) -> None:
        async with AsyncProducer(properties(broker, url)) as producer:
            task = asyncio.ensure_future(producer.send(TOPIC, {"id": 1}))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await producer.send_and_wait(TOPIC, {"id": 2})

    with served(registry) as url, OneBroker() as broker:
        asyncio.run(send(url, broker))

        assert broker.values == [b"\0\0\0\0\1\4"]


def test_the_second_registry_answers_where_the_first_is_gone() -> None:
    with unreachable() as gone, served(SmallRegistry()) as url, SchemaRegistry(f"{gone}, {url}") as registry:
        assert registry.ask(calls.register("s", ORDER))["id"] == 1


def test_threads_that_want_the_same_ask_once() -> None:
    registry, told = SmallRegistry(), []
    serializer = SchemaSerializer(ORDER)
    with served(registry) as url, SchemaRegistry(url) as asked:
        threads = [
            threading.Thread(target=lambda: told.append(asked.serialize(serializer, "orders", {"id": 1})))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)

    assert told == [b"\0\0\0\0\1\2"] * 8
    assert registry.asked == ["POST /subjects/orders-value/versions"]


def test_values_come_back_by_the_registry_alone() -> None:
    headers: HeaderList = [("h", None)]
    serializer, deserializer = SchemaSerializer(ORDER), SchemaDeserializer()
    with served(SmallRegistry()) as url, SchemaRegistry(url) as registry:
        data = registry.serialize(serializer, "orders", {"id": 5}, headers)

        assert registry.deserialize(deserializer, "orders", data, headers) == {"id": 5}
        assert registry.deserialize(deserializer, "orders", None) is None
        with pytest.raises(SchemaRegistryError, match="40403"):
            registry.deserialize(deserializer, "orders", b"\0\0\0\0\x09")
    assert headers == [("h", None)]


def test_who_says_nothing_is_given_up_in_time() -> None:
    settings = RegistrySettings((), read_timeout_us=50_000, retries_max=0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with (
            SchemaRegistry(settings._replace(places=places([url]))) as registry,
            pytest.raises(SchemaRegistryError, match=r"no answer within 0\.05 s"),
        ):
            registry.ask(calls.subjects())


def test_whoever_is_dropped_unclosed_leaves_no_connection_to_the_registry() -> None:
    registry = SmallRegistry()

    async def drop(url: str, broker: OneBroker) -> None:
        before = holdings()
        producer = AsyncProducer(properties(broker, url))
        await producer.send_and_wait(TOPIC, {"id": 1})
        assert registry.connections == 1
        del producer
        # Until both sides of each connection are closed: the registry hears of the end before the loop has taken its socket
        # away, and a loop that ended now would leave that, or the broker's, to the collector.
        await asyncio.to_thread(back_to, before)

    with served(registry) as url, OneBroker() as broker:
        asyncio.run(drop(url, broker))
        assert registry.connections == 0
        before = holdings()
        producer = Producer(properties(broker, url))
        producer.send(TOPIC, {"id": 1}).result(WAIT_S)
        assert registry.connections == 1
        del producer
        back_to(before)
        assert registry.connections == 0


def test_the_latest_version_is_asked_for_again_by_both_producers() -> None:
    registry = SmallRegistry()
    latest = {
        "value_serializer": "avro",
        "auto_register_schemas": False,
        "use_latest_version": True,
        "latest_cache_ttl_sec": 0,
    }
    register = calls.register("orders-value", ORDER), calls.register("orders-value", ORDER_WITH_DEFAULT)
    registry.answer(*register[0])

    async def write(broker: OneBroker, url: str) -> None:
        async with AsyncProducer(properties(broker, url, **latest)) as producer:
            await producer.send(TOPIC, {"id": 2})
            registry.answer(*register[1])
            await producer.send(TOPIC, {"id": 3})

    with served(registry) as url, OneBroker() as broker:
        with Producer(properties(broker, url, **latest)) as producer:
            producer.send(TOPIC, {"id": 1}).result(WAIT_S)
        asyncio.run(write(broker, url))

        assert [(value or b"")[:5] for value in broker.values] == [b"\0\0\0\0\1", b"\0\0\0\0\1", b"\0\0\0\0\2"]


def test_a_latest_version_that_does_not_read_the_given_schema_refuses_the_record_unless_it_may() -> None:
    registry = SmallRegistry()
    latest = {"value_serializer": "avro", "auto_register_schemas": False, "use_latest_version": True}
    registry.answer(*calls.register("orders-value", ORDER))
    given = {**latest, "acklab_value_schema": TEXT.replace("int", "string")}

    with served(registry) as url, OneBroker() as broker:
        with (
            Producer(properties(broker, url, **given)) as producer,
            pytest.raises(SerializationError, match=r"latest\.compatibility\.strict=false"),
        ):
            producer.send(TOPIC, {"id": 1})
        lax = {**given, "latest_compatibility_strict": False, "latest_cache_size": 1}
        with Producer(properties(broker, url, **lax)) as producer:
            producer.send(TOPIC, {"id": 1}).result(WAIT_S)

        assert [(value or b"")[:5] for value in broker.values] == [b"\0\0\0\0\1"]


# -- properties --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more, why",
    [
        ({"value.serializer": "avro"}, "schema.registry.url is required with a value.serializer that asks"),
        ({"schema.registry.url": "http://a"}, "schema.registry.url has no effect without a serializer that asks"),
        ({"auto.register.schemas": "false"}, "auto.register.schemas has no effect without a serializer"),
        (
            {
                "value.serializer": "avro",
                "schema.registry.url": "http://a",
                "key.subject.name.strategy": "RecordNameStrategy",
            },
            "key.subject.name.strategy has no effect without key.serializer that asks",
        ),
        (
            {"value.serializer": "avro", "schema.registry.url": "http://a", "use.latest.version": "true"},
            "use.latest.version is true, and auto.register.schemas, too",
        ),
        (
            {"value.serializer": "avro", "schema.registry.url": "http://a", "use.latest.with.metadata": "major=1"},
            "use.latest.with.metadata is set, and auto.register.schemas is true",
        ),
        (
            {"value.serializer": "avro", "schema.registry.url": "http://a", "use.latest.with.metadata": "major"},
            "use.latest.with.metadata has 'major', must be name=value",
        ),
        (
            {"value.serializer": "avro", "schema.registry.url": "http://a", "use.schema.id": "7"},
            "use.schema.id is 7: auto.register.schemas and use.latest.version must be false",
        ),
        (
            {"value.serializer": "avro", "schema.registry.url": "a:8081"},
            "schema.registry.url is 'a:8081', must be http",
        ),
        (
            {"value.serializer": SchemaSerializer, "schema.registry.url": "http://a"},
            "SchemaSerializer, which needs a schema",
        ),
        (
            {
                "value.serializer": SchemaSerializer(ORDER),
                "schema.registry.url": "http://a",
                "acklab.value.schema": TEXT,
            },
            "acklab.value.schema has no effect with value.serializer",
        ),
        (
            {"value.serializer": "json_schema", "schema.registry.url": "http://a", "acklab.value.schema": ORDER},
            "acklab.value.schema is of type AVRO, and value.serializer writes JSON",
        ),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_what_has_no_effect_or_is_missing_is_refused(more: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Producer({"bootstrap.servers": "127.0.0.1:1", **more})


def test_a_password_is_shown_in_no_message() -> None:
    more = {"value.serializer": "avro", "schema.registry.url": "http://user:secret@", "acklab.value.schema": TEXT}
    with pytest.raises(ConfigError) as refused:
        Producer({"bootstrap.servers": "127.0.0.1:1", **more})

    assert "secret" not in str(refused.value)
