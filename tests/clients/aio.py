"""aiokafka: on asyncio, driven from a thread that blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

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

T = TypeVar("T")

DELIVERY_MS = 5_000
"""aiokafka has one time-out for a request and for a record's whole way."""


class _Loop:
    """A loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, wanted: Coroutine[Any, Any, T]) -> T:
        """Run it to its end. Raises ToldError, TimeoutError."""
        asked = asyncio.run_coroutine_threadsafe(wanted, self._loop)
        try:
            return asked.result(GIVE_UP_S)
        except TimeoutError as error:
            if asked.done():
                raise ToldError("TimeoutError") from error
            raise
        except KafkaError as error:
            raise ToldError(getattr(error, "message", None) or type(error).__name__) from error

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GIVE_UP_S)
        self._loop.close()


@contextmanager
def _open(make: Callable[[], Any]) -> Iterator[tuple[_Loop, Any]]:
    """Make a client on a loop, start it, and stop both."""

    async def begin() -> Any:
        client = make()
        await client.start()
        return client

    loop = _Loop()
    try:
        client = loop.run(begin())
        try:
            yield loop, client
        finally:
            loop.run((client.close if isinstance(client, AIOKafkaAdminClient) else client.stop)())
    finally:
        loop.close()


class _Sending:
    def __init__(self, loop: _Loop, producer: Any) -> None:
        self._loop = loop
        self._producer = producer

    def send(self, value: bytes) -> None:
        self._loop.run(self._producer.send_and_wait(TOPIC, value, partition=0))


class _Consuming:
    def __init__(self, loop: _Loop, consumer: Any) -> None:
        self._loop = loop
        self._consumer = consumer

    def poll(self) -> Sequence[Place]:
        found = self._loop.run(self._consumer.getmany(timeout_ms=100))
        return [Place(one.partition, one.offset) for records in found.values() for one in records]

    def commit(self) -> None:
        self._loop.run(self._consumer.commit())

    def assigned(self) -> Sequence[int]:
        return [one.partition for one in self._consumer.assignment()]


class _Administering:
    """It gives answers as they came: whoever asks looks for the error in them."""

    def __init__(self, loop: _Loop, admin: Any) -> None:
        self._loop = loop
        self._admin = admin

    def steps(self) -> Sequence[tuple[str, Callable[[], object]]]:
        return (
            ("create", self._create),
            ("grow", self._grow),
            ("list", self._list),
            ("alter", self._alter),
            ("describe", self._describe),
            ("groups", self._groups),
            ("group", self._group),
            ("positions", self._positions),
            ("delete", self._delete),
        )

    def _create(self) -> None:
        told = self._loop.run(self._admin.create_topics([NewTopic("made", num_partitions=2, replication_factor=3)]))
        _check(one[1] for one in told.topic_errors)

    def _grow(self) -> None:
        told = self._loop.run(self._admin.create_partitions({"made": NewPartitions(4)}))
        _check(one[1] for one in told.topic_errors)

    def _list(self) -> None:
        eventually(lambda: "made" in self._loop.run(self._admin.list_topics()))

    def _alter(self) -> None:
        made = ConfigResource(ConfigResourceType.TOPIC, "made", configs={"retention.ms": "1234567"})
        for told in self._loop.run(self._admin.alter_configs([made])):
            _check(one[0] for one in told.resources)

    def _describe(self) -> None:
        def is_so() -> bool:
            (told,) = self._loop.run(self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "made")]))
            _check(one[0] for one in told.resources)
            return "1234567" in str(told)

        eventually(is_so)

    def _groups(self) -> None:
        eventually(lambda: [one[0] for one in self._loop.run(self._admin.list_consumer_groups())] == [GROUP])

    def _group(self) -> None:
        def is_so() -> bool:
            (told,) = self._loop.run(self._admin.describe_consumer_groups([GROUP]))
            _check(one[0] for one in told.groups)
            return "Empty" in str(told)

        eventually(is_so)

    def _positions(self) -> None:
        def is_so() -> bool:
            told = self._loop.run(self._admin.list_consumer_group_offsets(GROUP))
            return {at.partition: one.offset for at, one in told.items()} == {0: 1}

        eventually(is_so)

    def _delete(self) -> None:
        told = self._loop.run(self._admin.delete_topics(["made"]))
        _check(one[1] for one in told.topic_error_codes)


class Aiokafka:
    name = "aiokafka"

    @contextmanager
    def producer(self, bootstrap: str, client_id: str, *, is_idempotent: bool) -> Iterator[_Sending]:
        with _open(
            lambda: AIOKafkaProducer(
                bootstrap_servers=bootstrap,
                client_id=client_id,
                acks="all",
                enable_idempotence=is_idempotent,
                request_timeout_ms=DELIVERY_MS,
                retry_backoff_ms=50,
            )
        ) as (loop, producer):
            yield _Sending(loop, producer)

    @contextmanager
    def member(self, bootstrap: str, client_id: str) -> Iterator[_Consuming]:
        with _open(
            lambda: AIOKafkaConsumer(
                TOPIC,
                bootstrap_servers=bootstrap,
                client_id=client_id,
                group_id=GROUP,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                fetch_max_wait_ms=50,
                request_timeout_ms=REQUEST_MS,
                retry_backoff_ms=50,
            )
        ) as (loop, consumer):
            yield _Consuming(loop, consumer)

    @contextmanager
    def admin(self, bootstrap: str, client_id: str) -> Iterator[_Administering]:
        with _open(
            lambda: AIOKafkaAdminClient(
                bootstrap_servers=bootstrap, client_id=client_id, request_timeout_ms=REQUEST_MS, retry_backoff_ms=50
            )
        ) as (loop, admin):
            yield _Administering(loop, admin)


def _check(codes: Iterator[int]) -> None:
    for code in codes:
        if code:
            raise ToldError(for_code(code).message)
