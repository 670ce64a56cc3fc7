"""The same test bodies against kafka-python and our façade of it, on librdkafka's brokers: the same outcome."""

import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kafka as kafka_python
import kafka.errors
import pytest

from producer.errors import Code
from producer.facades import kafka_python as facade
from tests.left_open import end
from tests.librdkafka.airports import airports
from tests.librdkafka.failing_cluster import failing_cluster
from tests.librdkafka.reading import read_back

CERTIFICATES = Path(__file__).parents[1] / "certificates"
WAIT_S = 30

names = itertools.count(1)

# librdkafka's brokers answer kafka-python's question for versions with a header that it cannot read, so it is told.
THEIRS = SimpleNamespace(
    KafkaProducer=partial(kafka_python.KafkaProducer, api_version=(2, 3)),
    **{
        name: getattr(kafka.errors, name)
        for name in (
            "BrokerResponseError", "IllegalStateError", "KafkaConfigurationError", "KafkaError", "KafkaTimeoutError",
            "MessageSizeTooLargeError",
        )
    },
)  # fmt: skip

KINDS = [pytest.param(THEIRS, id="kafka-python"), pytest.param(facade, id="facade")]
# kafka-python still takes plain callables as serializers, and would rather not.
pytestmark = pytest.mark.filterwarnings("ignore:.*does not implement:DeprecationWarning")
both = pytest.mark.parametrize("client", KINDS)


@pytest.fixture
def topic() -> str:
    return f"kafka-python-{next(names)}"


@pytest.fixture
def make(bootstrap: str) -> Iterator[Callable[..., Any]]:
    made = []

    def build(client: Any, **configs: Any) -> Any:
        made.append(client.KafkaProducer(**{"bootstrap_servers": bootstrap.split(",")} | configs))
        return made[-1]

    yield build
    for one in made:
        end(one, 1)


@both
def test_a_future_tells_where_the_record_lies(make: Callable[..., Any], topic: str, client: Any) -> None:
    producer = make(client)

    future = producer.send(
        topic, b"value", key=b"key", headers=[("h", b"12")], partition=2, timestamp_ms=1_700_000_000_000
    )
    told = future.get(timeout=WAIT_S)

    assert (told.topic, told.partition, told.offset, tuple(told.topic_partition)) == (topic, 2, 0, (topic, 2))
    assert (told.serialized_key_size, told.serialized_value_size, told.serialized_header_size) == (3, 5, 3)
    assert future.is_done
    assert future.succeeded()
    assert not future.failed()
    assert future.value == told
    assert future.exception is None


@both
def test_serializers_and_headers_reach_the_consumer(
    make: Callable[..., Any], bootstrap: str, topic: str, client: Any
) -> None:
    producer = make(client, key_serializer=str.encode, value_serializer=lambda value: json.dumps(value).encode())

    producer.send(topic, {"a": 1}, key="k", headers=[("h", b"1")]).get(WAIT_S)
    (found,) = read_back(bootstrap, topic, 1)

    assert (found.key, found.value, found.headers) == (b"k", b'{"a": 1}', [("h", b"1")])


@both
def test_order_per_key_holds_and_nothing_is_lost(
    make: Callable[..., Any], bootstrap: str, topic: str, client: Any
) -> None:
    records = airports()
    producer = make(client, linger_ms=20, compression_type="lz4")

    futures = [producer.send(topic, value, key) for key, value in records]
    producer.flush(WAIT_S)
    found = read_back(bootstrap, topic, len(records))

    assert all(future.succeeded() for future in futures)
    by_place = {(one.partition, one.offset): (one.key, one.value) for one in found}
    assert [by_place[future.value.partition, future.value.offset] for future in futures] == records


def test_a_key_goes_to_the_same_partition_as_before_the_move(make: Callable[..., Any], topic: str) -> None:
    keys = sorted({key for key, _ in airports()} | {b"", b"a", b"\x00\xff" * 9})

    chosen = []
    for client in (THEIRS, facade):
        producer = make(client)
        futures = [producer.send(topic, b"v", key=key) for key in keys]
        chosen.append([future.get(WAIT_S).partition for future in futures])

    assert chosen[0] == chosen[1]


@both
def test_callbacks_hear_with_their_own_arguments(make: Callable[..., Any], topic: str, client: Any) -> None:
    producer, heard = make(client), []

    def hear(*given: object, **more: object) -> None:
        heard.append((given, more))

    future = producer.send(topic, b"v", partition=0).add_callback(hear, "first", last=1).add_errback(hear, "never")
    told = future.get(WAIT_S)
    producer.flush(WAIT_S)
    future.add_callback(hear, "late")

    assert heard == [(("first", told), {"last": 1}), (("late", told), {})]


@both
def test_a_callback_that_raises_hurts_nobody(make: Callable[..., Any], topic: str, client: Any) -> None:
    def fail(_told: object) -> None:
        raise ValueError("the application's own")

    producer = make(client)
    producer.send(topic, b"a").add_callback(fail)
    producer.flush(WAIT_S)

    assert producer.send(topic, b"b").get(WAIT_S).serialized_value_size == 1


@both
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, ValueError),
        ({"value": "text"}, TypeError),
        ({"value": b"v", "key": 5}, TypeError),
        ({"value": b"v", "headers": (("h", b"1"),)}, TypeError),
        ({"value": b"v", "headers": [("h", "1")]}, TypeError),
        ({"value": b"v", "partition": -1}, ValueError),
        ({"value": b"v", "partition": 99}, ValueError),
        ({"value": bytes(2_000_000)}, "MessageSizeTooLargeError"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_alike(
    make: Callable[..., Any], topic: str, client: Any, arguments: dict[str, Any], error: Any
) -> None:
    producer = make(client)

    with pytest.raises(getattr(client, error) if isinstance(error, str) else error):
        producer.send(topic, **arguments)


@both
def test_bytearrays_are_taken(make: Callable[..., Any], bootstrap: str, topic: str, client: Any) -> None:
    make(client).send(topic, bytearray(b"v"), key=memoryview(b"k")).get(WAIT_S)

    (found,) = read_back(bootstrap, topic, 1)
    assert (found.key, found.value) == (b"k", b"v")


@both
def test_partitions_are_a_set_of_numbers(make: Callable[..., Any], topic: str, client: Any) -> None:
    producer = make(client)

    assert producer.partitions_for(topic) == {0, 1, 2, 3}


@both
def test_a_closed_producer_says_so(make: Callable[..., Any], topic: str, client: Any) -> None:
    producer = make(client)
    producer.close(WAIT_S)
    producer.close()

    with pytest.raises(client.IllegalStateError):
        producer.send(topic, b"v")


@both
@pytest.mark.parametrize("code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.MESSAGE_TOO_LARGE, Code.INVALID_RECORD])
def test_a_refusal_by_the_broker_ends_the_future_with_its_number(client: Any, code: Code) -> None:
    heard: list[Any] = []
    with failing_cluster() as cluster:
        producer = client.KafkaProducer(bootstrap_servers=cluster.bootstrap)
        producer.partitions_for("orders")
        cluster.fail_next_produce([code])
        future = producer.send("orders", b"v", partition=0).add_errback(heard.append)
        with pytest.raises(client.BrokerResponseError) as caught:
            future.get(WAIT_S)
        end(producer, 1)

    assert caught.value.errno == code
    assert isinstance(caught.value, client.KafkaError)
    assert isinstance(caught.value, client.MessageSizeTooLargeError) == (code is Code.MESSAGE_TOO_LARGE)
    assert future.failed()
    assert not future.retriable()
    assert [error.errno for error in heard] == [code]


@both
def test_metrics_are_nested_by_group_and_topic(make: Callable[..., Any], topic: str, client: Any) -> None:
    producer = make(client)
    for index in range(3):
        producer.send(topic, b"v", partition=index).get(WAIT_S)

    told = producer.metrics()

    assert told["producer-metrics"]["record-send-rate"] > 0
    assert told[f"producer-topic-metrics.{topic}"]["record-send-rate"] > 0
    assert producer.metrics(raw=True)


def test_no_broker_in_time_is_a_timeout() -> None:
    with facade.KafkaProducer(bootstrap_servers="127.0.0.1:1", max_block_ms=100) as producer:
        with pytest.raises(facade.KafkaTimeoutError):
            producer.send("orders", b"v")
        with pytest.raises(facade.KafkaTimeoutError):
            producer.partitions_for("orders")
        assert not producer.bootstrap_connected()


def test_a_custom_partitioner_is_asked_for_each_record(make: Callable[..., Any], topic: str) -> None:
    asked: list[Any] = []

    def choose(key: bytes | None, known: list[int], available: list[int]) -> int:
        asked.append((key, known, available))
        return 3

    producer = make(facade, partitioner=choose)

    assert producer.send(topic, b"v", key=b"k").get(WAIT_S).partition == 3
    assert asked == [(b"k", [0, 1, 2, 3], [0, 1, 2, 3])]


@pytest.mark.parametrize("given", [{"acks": 7}, {"nope": 1}, {"enable_idempotence": True, "acks": 1}], ids=str)
def test_a_bad_argument_of_the_constructor_is_a_configuration_error(given: dict[str, Any]) -> None:
    with pytest.raises(facade.KafkaConfigurationError):
        facade.KafkaProducer(bootstrap_servers="127.0.0.1:1", **given)


def test_certificates_and_tokens_are_taken_as_kafka_python_takes_them() -> None:
    class Provider:
        def token(self) -> str:
            return "token"

        def extensions(self) -> dict[str, str]:
            return {"traceId": "7"}

    with facade.KafkaProducer(
        bootstrap_servers="127.0.0.1:1",
        security_protocol="SASL_SSL",
        ssl_cafile=str(CERTIFICATES / "ca.pem"),
        ssl_certfile=str(CERTIFICATES / "client-encrypted.pem"),
        ssl_keyfile=str(CERTIFICATES / "client-encrypted.pem"),
        ssl_password="open-sesame",
        ssl_check_hostname=False,
        sasl_mechanism="OAUTHBEARER",
        sasl_oauth_token_provider=Provider(),
    ) as producer:
        config = producer._producer.config

    assert "PRIVATE KEY" in str(config.ssl_keystore_key)
    assert config.ssl_endpoint_identification_algorithm == ""
    assert config.sasl_oauthbearer_token_callback() == ("token", 1, {"traceId": "7"})


def test_arguments_without_effect_are_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    facade.KafkaProducer(bootstrap_servers=["127.0.0.1"], api_version=(2, 5), retries=float("inf")).close(0)

    assert "argument api_version has no effect here" in caplog.text


def test_a_profile_of_ours_wins_over_kafka_python_s_defaults(bootstrap: str) -> None:
    producer = facade.KafkaProducer(bootstrap_servers=bootstrap, acklab_profile="throughput", batch_size=1_000)

    assert (producer._producer.config.linger_ms, producer._producer.config.batch_size) == (50, 1_000)
    assert producer._producer.config.reconnect_backoff_max_ms == 30_000
    producer.close(1)
