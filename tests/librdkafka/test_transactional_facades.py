"""Transactional calls of both façades beside the originals, before librdkafka's mock cluster: the same answers, or a reason."""

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import confluent_kafka
import pytest
from confluent_kafka import Consumer, TopicPartition

from producer.facades import confluent as facade
from producer.facades import kafka_python as python_facade
from producer.facades.confluent.group_metadata import read_group_metadata
from producer.records import ConsumerGroupMetadata
from tests.librdkafka.reading import read_back

with warnings.catch_warnings():
    # kafka-python reads its schemas by an importlib function that is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import TopicPartition as PythonPartition
    from kafka.structs import OffsetAndMetadata

KINDS: tuple[Any, Any] = (confluent_kafka, facade)
WAIT_S = 20


def told(kafka: Any, call: Callable[[], Any]) -> Any:
    """What a call gives, or what it raises: a KafkaError's code and its three answers."""
    try:
        return call()
    except kafka.KafkaException as error:
        found = error.args[0]
        return found.code(), found.fatal(), found.retriable(), found.txn_requires_abort()
    except (TypeError, ValueError) as error:
        return type(error).__name__


def group_metadata(bootstrap: str) -> bytes:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "of-nobody", "log_level": 0})
    try:
        written: Any = consumer.consumer_group_metadata()
        return bytes(written)
    finally:
        consumer.close()


def both(bootstrap: str, story: Callable[[Any, Any, str], list[Any]], name: str) -> list[list[Any]]:
    """Tell one story with each."""
    found = []
    for number, kafka in enumerate(KINDS):
        producer = kafka.Producer(
            {"bootstrap.servers": bootstrap, "transactional.id": f"{name}-{number}", "log_level": 0}
        )
        found.append(story(kafka, producer, f"{name}-{number}"))
        producer.flush(WAIT_S)
    return found


def test_calls_where_they_have_no_place_answer_alike(bootstrap: str) -> None:
    def story(kafka: Any, producer: Any, topic: str) -> list[Any]:
        member = group_metadata(bootstrap)
        # The mock cluster makes a topic that somebody asks for.
        producer.list_topics(topic, timeout=WAIT_S)
        calls: list[Callable[[], Any]] = [
            producer.begin_transaction,
            lambda: producer.commit_transaction(WAIT_S),
            lambda: producer.abort_transaction(WAIT_S),
            lambda: producer.produce(topic, b"v"),
            lambda: producer.send_offsets_to_transaction([], b"short"),
            lambda: producer.send_offsets_to_transaction([], None),
            lambda: producer.send_offsets_to_transaction([5], member),
            lambda: producer.send_offsets_to_transaction(5, member),
            lambda: producer.send_offsets_to_transaction([TopicPartition(topic, 0, 5)], member, WAIT_S),
            lambda: producer.init_transactions("x"),
            lambda: producer.init_transactions(WAIT_S),
            lambda: producer.commit_transaction(WAIT_S),
            lambda: producer.abort_transaction(WAIT_S),
            lambda: producer.produce(topic, b"v"),
            producer.begin_transaction,
            producer.begin_transaction,
            lambda: producer.send_offsets_to_transaction([TopicPartition(topic, 0, 5)], member, WAIT_S),
            lambda: producer.commit_transaction(WAIT_S),
            producer.begin_transaction,
            lambda: producer.abort_transaction(WAIT_S),
        ]
        return [told(kafka, call) for call in calls]

    theirs, ours = both(bootstrap, story, "misplaced")

    assert ours == theirs


def test_delivery_reports_are_served_by_a_commit_and_by_an_abort_alike(bootstrap: str) -> None:
    def story(_kafka: Any, producer: Any, topic: str) -> list[Any]:
        heard: list[Any] = []

        def report(error: Any, message: Any) -> None:
            heard.append((None if error is None else error.code(), message.value()))

        producer.init_transactions(WAIT_S)
        producer.begin_transaction()
        for number in range(5):
            producer.produce(topic, b"%d" % number, partition=number % 2, on_delivery=report)
        producer.commit_transaction(WAIT_S)
        committed = sorted(heard, key=str)
        producer.begin_transaction()
        producer.produce(topic, b"sent", partition=0, on_delivery=report)
        producer.flush(WAIT_S)
        producer.produce(topic, b"dropped", partition=0, on_delivery=report)
        producer.abort_transaction(WAIT_S)
        return [committed, heard[5:], len(producer)]

    theirs, ours = both(bootstrap, story, "reports")

    assert ours == theirs
    assert ours[1][-1] == (confluent_kafka.KafkaError._PURGE_QUEUE, b"dropped")


def test_without_a_broker_each_call_runs_out_of_its_own_time_and_says_so_alike() -> None:
    outcomes = []
    for kafka in KINDS:
        producer = kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "transactional.id": "x", "log_level": 0})
        began_s = time.monotonic()
        outcomes.append(
            [
                told(kafka, partial(producer.init_transactions, 0.3)),
                told(kafka, producer.begin_transaction),
                told(kafka, partial(producer.init_transactions, 0.1)),
            ]
        )
        assert time.monotonic() - began_s < WAIT_S

    assert outcomes[1] == outcomes[0]
    assert outcomes[1][0] == (confluent_kafka.KafkaError._TIMED_OUT, False, True, False)


def test_a_consumer_s_metadata_are_read_as_librdkafka_writes_them() -> None:
    quiet = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
    for name in (None, "inst"):
        named = {} if name is None else {"group.instance.id": name}
        consumer = Consumer(quiet | {"group.id": "g1"} | named)
        written: Any = consumer.consumer_group_metadata()
        consumer.close()

        assert read_group_metadata(written) == ConsumerGroupMetadata("g1", -1, "", name)
    assert read_group_metadata(b"CGMDv2:\x07\0\0\0g\0m-1\0\x01") == ConsumerGroupMetadata("g", 7, "m-1", None)


@pytest.mark.parametrize(
    "data", [b"", b"CGMDv2:", b"CGMDv9:\x07\0\0\0g\0m-1\0\x01", b"CGMDv2:\x07\0\0\0gggggg", bytes(40)]
)
def test_what_is_no_consumer_s_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(facade.KafkaException) as refused:
        read_group_metadata(data)

    assert refused.value.args[0].code() == facade.KafkaError._BAD_MSG


# -- kafka-python, which does not understand the mock cluster's ApiVersions and so cannot stand beside ---------------------


def test_kafka_python_s_calls_commit_abort_and_send_offsets(bootstrap: str) -> None:
    topic = "kafka-python-transactions"
    producer = python_facade.KafkaProducer(bootstrap_servers=bootstrap.split(","), transactional_id=topic)
    assert f"transactional_id={topic}" in str(producer)

    producer.init_transactions()
    producer.begin_transaction()
    future = producer.send(topic, b"a", partition=0)
    producer.send_offsets_to_transaction({PythonPartition(topic, 0): OffsetAndMetadata(3, "m", -1)}, "of-nobody")
    producer.commit_transaction()
    assert future.get(WAIT_S).topic == topic
    producer.begin_transaction()
    dropped = producer.send(topic, b"b", partition=0)
    producer.abort_transaction()
    assert dropped.failed()
    producer.close()

    assert read_back(bootstrap, topic, 1)[0].value == b"a"


def test_kafka_python_s_calls_where_they_have_no_place_raise_its_classes(bootstrap: str) -> None:
    """TransactionManager._transition_to raises KafkaError, and a send IllegalStateError."""
    producer = python_facade.KafkaProducer(bootstrap_servers=bootstrap.split(","), transactional_id="misplaced")
    calls: list[tuple[Callable[[], Any], type[Exception]]] = [
        (producer.begin_transaction, python_facade.errors.KafkaError),
        (producer.commit_transaction, python_facade.errors.KafkaError),
        (producer.abort_transaction, python_facade.errors.KafkaError),
        (lambda: producer.send_offsets_to_transaction({}, "g"), python_facade.errors.KafkaError),
        (lambda: producer.send("known", b"v"), python_facade.errors.IllegalStateError),
        (lambda: producer.send_offsets_to_transaction({}, 5), TypeError),
        (lambda: producer.send_offsets_to_transaction({}, Group("g", 1, "", None)), ValueError),
    ]
    raised: list[type[Exception]] = []
    for call, _ in calls:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - what it is, is the question
            raised.append(type(error))
    producer.close(0)

    assert raised == [kind for _, kind in calls]


class Group(NamedTuple):
    group_id: str
    generation_id: int
    member_id: str
    group_instance_id: str | None


def test_kafka_python_s_call_that_runs_out_of_time_goes_on() -> None:
    producer = python_facade.KafkaProducer(
        bootstrap_servers="127.0.0.1:1", transactional_id="x", max_block_ms=200, enable_idempotence=False
    )
    try:
        for _ in range(2):
            with pytest.raises(python_facade.errors.KafkaTimeoutError, match="call it again"):
                producer.init_transactions()
    finally:
        producer.close(0)
