"""kafka-python: pure Python, on threads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic, OffsetSpec
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

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
from tests.left_open import end

QUICK = {"request_timeout_ms": REQUEST_MS, "retry_backoff_ms": 50, "reconnect_backoff_max_ms": 200}


_NAMED = re.compile(r"\[Error \d+\] (\w+):.*")
"""How it writes an error that it does not raise."""


class _Sending:
    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def send(self, value: bytes) -> None:
        with _telling():
            self._producer.send(TOPIC, value, partition=0).get(GIVE_UP_S)


class _Consuming:
    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def poll(self) -> Sequence[Place]:
        with _telling():
            found = self._consumer.poll(timeout_ms=100)
        return [Place(one.partition, one.offset) for records in found.values() for one in records]

    def commit(self) -> None:
        with _telling():
            self._consumer.commit()

    def assigned(self) -> Sequence[int]:
        return [one.partition for one in self._consumer.assignment()]


class _Administering:
    def __init__(self, admin: Any) -> None:
        self._admin = admin

    def steps(self) -> Sequence[tuple[str, Callable[[], object]]]:
        admin = self._admin
        steps: tuple[tuple[str, Callable[[], object]], ...] = (
            ("create", lambda: admin.create_topics([NewTopic("made", num_partitions=2, replication_factor=3)])),
            ("grow", lambda: admin.create_partitions({"made": NewPartitions(4)})),
            ("list", self._list),
            ("alter", lambda: admin.alter_configs([_made({"retention.ms": "1234567"})])),
            ("describe", self._describe),
            ("groups", self._groups),
            ("group", self._group),
            ("positions", self._positions),
            ("move positions", self._move_positions),
            ("offsets", self._offsets),
            ("delete group", self._delete_group),
            ("delete", lambda: admin.delete_topics(["made"])),
        )
        return tuple((name, _told(step)) for name, step in steps)

    def _list(self) -> None:
        eventually(lambda: "made" in self._admin.list_topics())

    def _describe(self) -> None:
        eventually(lambda: "1234567" in str(self._admin.describe_configs([_made()])))

    def _groups(self) -> None:
        eventually(lambda: [one["group_id"] for one in self._admin.list_groups()] == [GROUP])

    def _group(self) -> None:
        def is_so() -> bool:
            told = self._admin.describe_groups([GROUP])[GROUP]
            if told["error"]:
                raise ToldError(getattr(errors, _NAMED.sub(r"\1", told["error"])).message)
            return bool(told["group_state"] == "Empty")

        eventually(is_so)

    def _positions(self) -> None:
        def is_so() -> bool:
            told = self._admin.list_group_offsets({GROUP: None})[GROUP]
            return {at.partition: one.offset for at, one in told.items()} == {0: 1}

        eventually(is_so)

    def _move_positions(self) -> None:
        self._admin.alter_group_offsets(GROUP, {TopicPartition(TOPIC, 0): OffsetAndMetadata(0, "", -1)})

    def _offsets(self) -> None:
        told = self._admin.list_partition_offsets({TopicPartition(TOPIC, 0): OffsetSpec.LATEST})
        assert [one.offset for one in told.values()] == [1], told

    def _delete_group(self) -> None:
        self._admin.delete_groups([GROUP])


def _made(configs: dict[str, str] | None = None) -> Any:
    return ConfigResource(ConfigResourceType.TOPIC, "made", configs=configs)


class KafkaPython:
    name = "kafka-python"

    @contextmanager
    def producer(self, bootstrap: str, client_id: str, *, is_idempotent: bool) -> Iterator[_Sending]:
        producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            acks="all",
            enable_idempotence=is_idempotent,
            delivery_timeout_ms=GIVE_UP_S * 1_000,
            **QUICK,
        )
        try:
            yield _Sending(producer)
        finally:
            end(producer, 1)

    @contextmanager
    def member(self, bootstrap: str, client_id: str) -> Iterator[_Consuming]:
        consumer = KafkaConsumer(
            TOPIC,
            bootstrap_servers=bootstrap,
            client_id=client_id,
            group_id=GROUP,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            fetch_max_wait_ms=50,
            max_poll_interval_ms=GIVE_UP_S * 1_000,
            **QUICK,
        )
        try:
            yield _Consuming(consumer)
        finally:
            consumer.close()

    @contextmanager
    def admin(self, bootstrap: str, client_id: str) -> Iterator[_Administering]:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id=client_id, **QUICK)
        try:
            yield _Administering(admin)
        finally:
            admin.close()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except KafkaTimeoutError as error:
        raise ToldError("KafkaTimeoutError") from error
    except KafkaError as error:
        raise ToldError(getattr(error, "message", None) or type(error).__name__) from error


def _told(step: Callable[[], object]) -> Callable[[], object]:
    def call() -> object:
        with _telling():
            return step()

    return call
