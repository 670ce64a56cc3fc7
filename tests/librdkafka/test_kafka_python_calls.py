"""Every argument of kafka-python's producer, rightly and wrongly given: the original is asked, our façade says the same.

kafka-python looks at few values, and stumbles over others later, or never: there ours may refuse what it takes, at once and
with an error that is a KafkaConfigurationError and what the original would have raised.
"""

import itertools
import math
import operator
import warnings
from collections.abc import Iterator
from typing import Any

import kafka as kafka_python
import kafka.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka.partitioner import Partitioner
from kafka.serializer import Serializer

from producer.facades import kafka_python as facade
from producer.facades.kafka_python.configuration import DEFAULTS, NUMBERS
from tests.left_open import collect, end
from tests.librdkafka.failing_cluster import failing_cluster

WAIT_S = 30
NO_TEXT = "\udcff"
NOWHERE = {"bootstrap_servers": "127.0.0.1:1"}
names = itertools.count(1)

# kafka-python leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("DeprecationWarning", "ResourceWarning", "pytest.PytestUnraisableExceptionWarning")
]


def theirs(**configs: Any) -> Any:
    # librdkafka's brokers answer its question for versions with a header that it cannot read, so it is told.
    return kafka_python.KafkaProducer(**{"api_version": (2, 3)} | configs)


KINDS = (theirs, facade.KafkaProducer)
both = pytest.mark.parametrize("make", KINDS, ids=["kafka-python", "facade"])


@pytest.fixture(autouse=True, scope="module")
def _what_kafka_python_leaves_is_collected() -> Iterator[None]:
    """Here, and not in the next module, where an unclosed socket is an error."""
    yield
    collect()


# -- the constructor ---------------------------------------------------------------------------------------------------


def made(make: Any, configs: dict[str, Any]) -> Exception | None:
    try:
        end(make(**NOWHERE | configs), 0)
    except Exception as error:  # noqa: BLE001 - what is compared
        return error
    return None


def said(error: Exception | None) -> str:
    """The message, without the class that kafka-python writes before it."""
    return str(error).partition("KafkaConfigurationError: ")[2] or str(error)


@pytest.mark.parametrize(
    "configs",
    [
        {"nope": 1},
        {"nope": 1, "linger.ms": 5, "x": None},
        {"compression_type": "LZ4"},
        {"compression_type": "none"},
        {"compression_type": ""},
        {"compression_type": 5},
        {"compression_type": []},
        {"delivery_timeout_ms": 100},
        {"linger_ms": 200_000},
        {"request_timeout_ms": 120_001},
        {"delivery_timeout_ms": 5, "linger_ms": 0, "request_timeout_ms": 6},
        {"enable_idempotence": True, "acks": 1},
        {"enable_idempotence": "yes", "acks": 1},
        {"enable_idempotence": True, "acks": 0, "retries": 0, "max_in_flight_requests_per_connection": 6},
    ],
    ids=str,
)
def test_what_kafka_python_refuses_is_refused_in_its_words(configs: dict[str, Any]) -> None:
    their_error, our_error = (made(make, configs) for make in KINDS)

    assert their_error is not None
    kind = (
        facade.KafkaConfigurationError if type(their_error).__name__ == "KafkaConfigurationError" else type(their_error)
    )
    assert isinstance(our_error, kind)
    assert isinstance(our_error, facade.KafkaConfigurationError)
    assert said(our_error) == said(their_error)


TAKEN: list[dict[str, Any]] = [
    {"bootstrap_servers": "localhost"}, {"bootstrap_servers": ["localhost", "b2:9093"]}, {"bootstrap_servers": "a:1,"},
    {"bootstrap_servers": ""}, {"bootstrap_servers": ("a:1",)}, {"bootstrap_servers": "PLAINTEXT://a:1, b:2"},
    {"acks": "all"}, {"acks": -1}, {"acks": 1}, {"acks": 0}, {"acks": True}, {"retries": 0}, {"retries": math.inf},
    {"retries": 2**40}, {"retries": -1}, {"max_in_flight_requests_per_connection": 6}, {"enable_idempotence": 0},
    {"enable_idempotence": 1}, {"enable_idempotence": "no"}, {"enable_idempotence": None}, {"linger_ms": 1.5},
    {"linger_ms": True}, {"linger_ms": -1}, {"delivery_timeout_ms": math.inf}, {"delivery_timeout_ms": 2**40},
    {"max_block_ms": math.inf}, {"max_block_ms": 0.5}, {"request_timeout_ms": 0.1}, {"batch_size": -1}, {"batch_size": 0},
    {"metadata_max_age_ms": math.inf}, {"compression_type": None}, {"compression_type": "lz4"}, {"client_id": None},
    {"transactional_id": None}, {"transactional_id": ""}, {"transaction_timeout_ms": 5}, {"ssl_cafile": "nowhere"},
    {"ssl_certfile": "nowhere"}, {"ssl_password": "x"}, {"ssl_check_hostname": False}, {"ssl_ciphers": "x"},
    {"ssl_context": None}, {"sasl_plain_username": "x"}, {"sasl_mechanism": "PLAIN"}, {"sasl_kerberos_service_name": "x"},
    {"send_buffer_bytes": None}, {"receive_buffer_bytes": 5}, {"api_version": "2.3"}, {"bootstrap_timeout_ms": None},
    {"metrics_enabled": False}, {"key_serializer": str.encode}, {"partitioner": None}, {"proxy_url": None},
    {"allow_auto_create_topics": False}, {"client_dns_lookup": "use_all_dns_ips"}, {"reconnect_backoff_max_ms": 5},
]  # fmt: skip


@pytest.mark.parametrize("configs", TAKEN, ids=str)
def test_what_kafka_python_takes_is_taken(configs: dict[str, Any]) -> None:
    assert [made(make, configs) for make in KINDS] == [None, None]


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_none_is_the_default_of_every_argument(name: str) -> None:
    assert made(facade.KafkaProducer, {name: None}) is None


@pytest.mark.parametrize(
    ("configs", "means"),
    [
        ({}, {"linger_ms": 0, "acks": "all", "enable_idempotence": True, "bootstrap_servers": ["127.0.0.1:1"]}),
        ({"linger_ms": 1.2, "retries": math.inf}, {"linger_ms": 2, "retries": 2**31 - 1}),
        ({"acks": 1}, {"acks": "1", "enable_idempotence": False}),
        ({"retries": 0}, {"acks": "all", "enable_idempotence": False}),
        ({"max_in_flight_requests_per_connection": 9}, {"enable_idempotence": False}),
        ({"bootstrap_servers": ""}, {"bootstrap_servers": ["localhost:9092"]}),
        ({"bootstrap_servers": "b1:1,"}, {"bootstrap_servers": ["b1:1"]}),
        ({"acklab_profile": "low_latency", "buffer_memory": 5_000_000}, {"metadata_max_idle_ms": 3_600_000}),
    ],
    ids=str,
)
def test_arguments_mean_here_what_they_mean_there(configs: dict[str, Any], means: dict[str, Any]) -> None:
    with facade.KafkaProducer(**NOWHERE | configs) as producer:
        assert {name: getattr(producer._producer.config, name) for name in means} == means


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(sorted(NUMBERS | {"acks", "compression_type", "enable_idempotence", "nope"})),
        st.one_of(
            st.none(), st.booleans(), st.integers(-5, 2**70), st.floats(), st.text(max_size=4), st.binary(max_size=2),
            st.sampled_from(["all", "lz4", "gzip", math.inf, "5", []]),
        ),
        min_size=1,
        max_size=2,
    )
)  # fmt: skip
def test_drawn_arguments_are_taken_or_refused_with_an_error_of_kafka_python(drawn: dict[str, Any]) -> None:
    """Whatever is refused, is so in its place: by a KafkaConfigurationError, never by a raw one."""
    error = made(facade.KafkaProducer, drawn)

    assert error is None or isinstance(error, facade.KafkaConfigurationError)
    if "nope" in drawn:
        assert isinstance(error, ValueError)


@both
def test_the_configuration_is_a_dict_of_arguments(make: Any) -> None:
    producer = make(**NOWHERE, linger_ms=7, client_id="me")
    config = producer.config
    assert str(producer) == "<KafkaProducer client_id=me transactional_id=None>"
    end(producer, 0)

    assert (config["linger_ms"], config["batch_size"], config["client_id"]) == (7, 16_384, "me")
    assert set(DEFAULTS) <= set(config) | {"api_version"}


# -- send and its neighbours -------------------------------------------------------------------------------------------


class Pair:
    def __init__(self, bootstrap: str) -> None:
        self.producers = [make(bootstrap_servers=bootstrap.split(",")) for make in KINDS]
        for producer in self.producers:
            producer.send("known", b"v", partition=0).get(WAIT_S)

    def are_alike(self, **arguments: Any) -> None:
        their_own, ours = (outcome_of(lambda one=one: one.send(**arguments)) for one in self.producers)
        assert ours == their_own


def outcome_of(call: Any) -> Any:
    try:
        told = call()
        if hasattr(told, "add_both"):
            lies = told.get(WAIT_S)
            return lies.topic, lies.partition, lies[6:], lies._fields
    except Exception as error:  # noqa: BLE001 - what is compared
        return type(error).__name__, str(error)
    return told


@pytest.fixture(scope="module")
def pair(bootstrap: str) -> Iterator[Pair]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = Pair(bootstrap)
        yield one
        for producer in one.producers:
            end(producer, 1)


class Bytes(bytes):
    __slots__ = ()


PAYLOADS: list[Any] = [
    None, b"", b"v", "text", 5, 1.5, True, bytearray(b"v"), memoryview(b"v"), Bytes(b"v"), [b"v"], {}, NO_TEXT,
]  # fmt: skip
TOPICS: list[Any] = [
    None, b"known", "", "two words", ".", "..", "x" * 249, "x" * 250, "größe", NO_TEXT, "a\0b", 5, True,
]  # fmt: skip
PARTITIONS: list[Any] = [0, True, -1, -(2**70), 99, 2**31, 2**70]
TIMES: list[Any] = [0, 5, 2**63 - 1, 1.5, "1", True, b"1", []]
HEADERS: list[Any] = [
    None, [], (), {}, 5, "ab", (("a", b"b"),), [("a", b"b")], [("a", "b")], [("a", None)], [("a",)], [["a", b"b"]], [(b"a", b"b")],
    [(NO_TEXT, b"b")], [("", b"")], [("a", bytearray(b"b"))], {"a": b"b"}, [("a", Bytes(b"b"))], [None], [("a", b"b", b"c")],
]  # fmt: skip


@pytest.mark.parametrize("role", ["value", "key"])
def test_a_payload_is_taken_or_refused_alike(pair: Pair, role: str) -> None:
    for payload in PAYLOADS:
        pair.are_alike(topic="known", partition=0, **{"value": b"v", role: payload})
    pair.are_alike(topic="known", partition=0)


def test_topic_partition_time_and_headers_are_taken_or_refused_alike(pair: Pair) -> None:
    for topic in TOPICS:
        pair.are_alike(topic=topic, value=b"v", key=b"k")
    for partition in PARTITIONS:
        pair.are_alike(topic="known", value=b"v", partition=partition)
    for time_ms in TIMES:
        pair.are_alike(topic="known", value=b"v", partition=0, timestamp_ms=time_ms)
    for headers in HEADERS:
        pair.are_alike(topic="known", value=b"v", partition=0, headers=headers)


def test_what_is_wrong_first_is_told_first(pair: Pair) -> None:
    for arguments in (
        {"topic": 5}, {"topic": 5, "value": 5}, {"topic": 5, "value": b"v", "headers": 5}, {"topic": "", "value": b"v", "partition": -1},
        {"topic": "known", "value": 5, "partition": -1}, {"topic": "known", "value": bytes(2_000_000), "partition": 99},
        {"topic": "known", "value": bytes(2_000_000), "partition": 0, "timestamp_ms": 1.5},
    ):  # fmt: skip
        pair.are_alike(**arguments)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.fixed_dictionaries(
        {"topic": st.sampled_from(["known", *TOPICS]), "partition": st.sampled_from(PARTITIONS)},
        optional={
            "value": st.one_of(st.sampled_from(PAYLOADS), st.binary(max_size=9)),
            "key": st.one_of(st.sampled_from(PAYLOADS), st.binary(max_size=9)),
            "timestamp_ms": st.one_of(st.sampled_from(TIMES), st.integers(0, 2**63 - 1)),
            "headers": st.one_of(
                st.sampled_from(HEADERS), st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=3)
            ),
        },
    )
)
def test_drawn_records_end_alike(pair: Pair, drawn: dict[str, Any]) -> None:
    pair.are_alike(**drawn)


@pytest.mark.parametrize("rest", [{}, {"key": bytes(300)}, {"headers": [("name", bytes(200)), ("n", b"")]}], ids=str)
def test_a_record_is_too_large_at_the_same_byte(pair: Pair, rest: dict[str, Any]) -> None:
    their_own, ours = pair.producers
    lowest, highest = 1_048_576 - 1_000, 1_048_576
    while highest - lowest > 1:
        middle = (lowest + highest) // 2
        is_too_large = outcome_of(lambda size=middle: their_own.send("known", bytes(size), partition=0, **rest))
        lowest, highest = (lowest, middle) if "larger" in str(is_too_large) else (middle, highest)

    for size in (lowest, highest):
        pair.are_alike(topic="known", value=bytes(size), partition=0, **rest)
    assert "larger" in str(outcome_of(lambda: ours.send("known", bytes(highest), partition=0, **rest)))


CALLS = [
    "flush(-1)", "flush(0)", "flush(None)", "flush(1.5)", "partitions_for(None)", "partitions_for(5)", "partitions_for('')",
    "partitions_for('two words')", "sorted(partitions_for('known'))", "init_transactions()", "begin_transaction()",
    "commit_transaction()", "abort_transaction()", "send_offsets_to_transaction({}, 'g')", "future.get(5) == future.value",
    "future.is_done", "future.succeeded()", "future.failed()", "future.retriable()", "future.exception",
    "future.add_callback(None) is future", "future.add_errback(5) is future", "future.add_both(5, 1) is future",
    "type(future.value).__name__", "future.value._fields", "close(-1)", "close(1e300)", "close()",
    "close()", "close(-1)", "send('known', b'v')", "send(5)", "flush(1)", "sorted(partitions_for('known'))", "metrics() is None",
    "bootstrap_connected()", "close(timeout=5)",
]  # fmt: skip


def test_every_call_answers_alike_before_and_after_close(bootstrap: str) -> None:
    told = []
    for producer in Pair(bootstrap).producers:
        scope = {name: getattr(producer, name) for name in dir(producer) if not name.startswith("_")}
        scope["future"] = producer.send("known", b"v", partition=0)
        scope["future"].get(WAIT_S)
        told.append([(call, outcome_of(lambda call=call, scope=dict(scope): eval(call, scope))) for call in CALLS])
        end(producer, 1)

    assert told[1] == told[0]


# -- what an application brings ----------------------------------------------------------------------------------------


class Third(Partitioner):  # type: ignore[misc]
    def partition(
        self, topic: str, key: Any, serialized_key: Any, value: Any, serialized_value: Any, cluster: Any
    ) -> Any:
        assert (key, serialized_key, value, serialized_value) == ("k", b"k", "v", b"v")
        return sorted(cluster.available_partitions_for_topic(topic) & cluster.partitions_for_topic(topic))[3]


class Older:
    def partition(self, topic: str, serialized_key: bytes, cluster: Any) -> Any:
        assert serialized_key == b"k"
        return max(cluster.partitions_for_topic(topic))


class Undecided(Partitioner):  # type: ignore[misc]
    def partition(self, *_given: Any) -> None:
        return None


class Utf8(Serializer):  # type: ignore[misc]
    ended = 0

    def serialize(self, topic: str, headers: Any, data: Any) -> bytes | None:
        assert (topic, headers) == ("known", [])
        return None if data is None else data.encode()

    def close(self) -> None:
        Utf8.ended += 1


@both
def test_partitioners_and_serializers_of_kafka_python_are_asked_as_there(bootstrap: str, make: Any) -> None:
    ended = Utf8.ended
    for partitioner, serializer in ((Third(), Utf8()), (Older(), str.encode)):
        producer = make(
            bootstrap_servers=bootstrap.split(","),
            partitioner=partitioner,
            key_serializer=serializer,
            value_serializer=serializer,
        )
        assert producer.send("known", "v", key="k").get(WAIT_S).partition == 3
        end(producer, WAIT_S)
    assert Utf8.ended == ended + 2

    producer = make(bootstrap_servers=bootstrap.split(","), partitioner=Undecided())
    with pytest.raises(ValueError, match="Partitioner did not assign a partition for topic known!"):
        producer.send("known", b"v")
    end(producer, WAIT_S)


# -- errors ------------------------------------------------------------------------------------------------------------


def test_every_code_has_kafka_pythons_class() -> None:
    for code in range(-1, 200):
        there, here = kafka.errors.for_code(code), facade.errors.for_code(code)
        assert (here.__name__, here.errno, here.message) == (there.__name__, there.errno, there.message)
        assert (str(here("why")), str(here())) == (str(there("why")), str(there()))
        for name in (
            "KafkaError",
            "BrokerResponseError",
            "RetriableError",
            "InvalidMetadataError",
            "AuthorizationError",
        ):
            assert issubclass(here, getattr(facade, name)) == issubclass(there, getattr(kafka.errors, name))
        assert (here.retriable, here.invalid_metadata) == (there.retriable, there.invalid_metadata)
    assert operator.attrgetter("TopicAuthorizationFailedError.errno")(facade) == 29


@pytest.mark.parametrize("name", ["KafkaTimeoutError", "IllegalStateError", "KafkaConfigurationError", "KafkaError"])
def test_errors_are_said_and_compared_alike(name: str) -> None:
    there, here = getattr(kafka.errors, name), getattr(facade, name)

    assert (str(here("why")), str(here()), here("a") == here("a"), here("a") == here("b"), here.retriable) == (
        str(there("why")), str(there()), there("a") == there("a"), there("a") == there("b"), there.retriable,
    )  # fmt: skip


@both
@pytest.mark.parametrize("code", [29, 10, 87, 44])
def test_a_broker_s_refusal_is_an_error_of_its_own_class(make: Any, code: int) -> None:
    with failing_cluster() as cluster:
        producer = make(bootstrap_servers=cluster.bootstrap)
        producer.partitions_for("orders")
        cluster.fail_next_produce([code])
        future = producer.send("orders", b"v", partition=0)
        with pytest.raises(kafka.errors.for_code(code) if make is theirs else facade.errors.for_code(code)) as caught:
            future.get(WAIT_S)
        end(producer, 1)

    assert (caught.value.errno, caught.value.retriable) == (code, False)
