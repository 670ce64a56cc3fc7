"""confluent-kafka: librdkafka under Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka import admin as typed_admin

from tests.clients.library import (
    GIVE_UP_S,
    GROUP,
    HEARTBEAT_MS,
    REQUEST_MS,
    SESSION_MS,
    TOPIC,
    Place,
    ToldError,
    eventually,
)

ADMIN: Any = typed_admin
"""It does not export to a type checker what its documentation tells to import from it."""
QUIET = {"log_level": 0, "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 50, "socket.timeout.ms": REQUEST_MS}


class _Sending:
    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    def send(self, value: bytes) -> None:
        told: list[KafkaError | None] = []
        with _telling():
            self._producer.produce(TOPIC, value, partition=0, on_delivery=lambda error, _: told.append(error))
        if self._producer.flush(GIVE_UP_S):
            raise TimeoutError
        (error,) = told
        if error is not None:
            raise ToldError(error.name())


class _Consuming:
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def poll(self) -> Sequence[Place]:
        found = []
        for message in self._consumer.consume(100, timeout=0.1):
            error = message.error()
            if error is None:
                found.append(_place(message))
            elif error.fatal() or not (error.retriable() or error.code() in _PASSING):
                raise ToldError(error.name())
        return found

    def commit(self) -> None:
        try:
            with _telling():
                self._consumer.commit(asynchronous=False)
        except ToldError as error:
            # What it was given belongs to somebody else by now.
            if str(error) != "_NO_OFFSET":
                raise

    def assigned(self) -> Sequence[int]:
        return [one.partition for one in self._consumer.assignment()]


_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._PARTITION_EOF}
"""What librdkafka tells for information, and works on about by itself."""


def _place(message: Message) -> Place:
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    return Place(partition, offset)


class _Administering:
    def __init__(self, admin: Any) -> None:
        self._admin = admin

    def steps(self) -> Sequence[tuple[str, Callable[[], object]]]:
        return (
            ("create", self._create),
            ("grow", lambda: _each(self._admin.create_partitions([ADMIN.NewPartitions("made", 4)]))),
            ("list", self._list),
            ("alter", self._alter),
            ("describe", self._describe),
            ("groups", self._groups),
            ("group", self._group),
            ("positions", self._positions),
            ("move positions", self._move_positions),
            ("offsets", self._offsets),
            ("delete group", lambda: _each(self._admin.delete_consumer_groups([GROUP]))),
            ("delete", lambda: _each(self._admin.delete_topics(["made"]))),
        )

    def _create(self) -> None:
        _each(self._admin.create_topics([ADMIN.NewTopic("made", num_partitions=2, replication_factor=3)]))

    def _list(self) -> None:
        with _telling():
            eventually(lambda: "made" in self._admin.list_topics(timeout=GIVE_UP_S).topics)

    def _alter(self) -> None:
        entry = ADMIN.ConfigEntry("retention.ms", "1234567", incremental_operation=ADMIN.AlterConfigOpType.SET)
        made = ADMIN.ConfigResource(ADMIN.ResourceType.TOPIC, "made", incremental_configs=[entry])
        _each(self._admin.incremental_alter_configs([made]))

    def _describe(self) -> None:
        made = ADMIN.ConfigResource(ADMIN.ResourceType.TOPIC, "made")
        eventually(lambda: _one(self._admin.describe_configs([made]))["retention.ms"].value == "1234567")

    def _groups(self) -> None:
        def is_so() -> bool:
            told = _result(self._admin.list_consumer_groups())
            for error in told.errors:
                raise ToldError(error.args[0].name())
            return [one.group_id for one in told.valid] == [GROUP]

        eventually(is_so)

    def _group(self) -> None:
        eventually(lambda: _one(self._admin.describe_consumer_groups([GROUP])).state.name == "EMPTY")

    def _positions(self) -> None:
        def is_so() -> bool:
            told = _one(self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)]))
            for one in told.topic_partitions:
                if one.error is not None:
                    raise ToldError(one.error.name())
            return {one.partition: one.offset for one in told.topic_partitions} == {0: 1}

        eventually(is_so)

    def _move_positions(self) -> None:
        moved = ConsumerGroupTopicPartitions(GROUP, [TopicPartition(TOPIC, 0, 0)])
        _each(self._admin.alter_consumer_group_offsets([moved]))

    def _offsets(self) -> None:
        told = _one(self._admin.list_offsets({TopicPartition(TOPIC, 0): ADMIN.OffsetSpec.latest()}))
        if told.offset == OFFSET_INVALID:
            raise ToldError("no offset")  # librdkafka passes an error of the leader's over, and gives this
        assert told.offset == 1, told.offset


class Confluent:
    name = "confluent-kafka"

    @contextmanager
    def producer(self, bootstrap: str, client_id: str, *, is_idempotent: bool) -> Iterator[_Sending]:
        producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "client.id": client_id,
                "linger.ms": 0,
                "enable.idempotence": is_idempotent,
                "request.timeout.ms": REQUEST_MS,
                "message.timeout.ms": GIVE_UP_S * 1_000,
                **QUIET,
            }
        )
        try:
            yield _Sending(producer)
        finally:
            producer.purge()
            producer.flush(GIVE_UP_S)

    @contextmanager
    def member(self, bootstrap: str, client_id: str) -> Iterator[_Consuming]:
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "client.id": client_id,
                "group.id": GROUP,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "session.timeout.ms": SESSION_MS,
                "heartbeat.interval.ms": HEARTBEAT_MS,
                "fetch.wait.max.ms": 50,
                **QUIET,
            }
        )
        try:
            consumer.subscribe([TOPIC])
            yield _Consuming(consumer)
        finally:
            consumer.close()

    @contextmanager
    def admin(self, bootstrap: str, client_id: str) -> Iterator[_Administering]:
        yield _Administering(ADMIN.AdminClient({"bootstrap.servers": bootstrap, "client.id": client_id, **QUIET}))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        raise ToldError(error.args[0].name()) from error


def _result(asked: Future[Any]) -> Any:
    with _telling():
        return asked.result(GIVE_UP_S)


def _one(asked: dict[Any, Future[Any]]) -> Any:
    (told,) = _each(asked)
    return told


def _each(asked: dict[Any, Future[Any]]) -> list[Any]:
    return [_result(one) for one in asked.values()]
