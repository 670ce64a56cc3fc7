"""Brokers that say half of it, nothing, or nonsense, and hosts that cannot be connected to: with both drivers."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from contextlib import suppress

import pytest

from producer import AsyncProducer, Producer
from producer.errors import (
    BufferExhaustedError,
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerError,
    SendError,
)
from producer.records import RecordMetadata
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import HASTY, WAIT_S, Stopwatch, eventually, hasty


@pytest.mark.parametrize("behaviour", [Behaviour.HALF_AND_CLOSED, Behaviour.GARBAGE], ids=lambda one: one.name.lower())
def test_an_answer_that_is_none_costs_a_connection_and_no_record(behaviour: Behaviour) -> None:
    with OneBroker(behaviour) as broker, hasty(broker) as producer, Stopwatch():
        told = producer.send(TOPIC, b"v").result(WAIT_S)

    # The broker could not know that its first answer was lost; with sequences, a real one would not have appended twice.
    assert (broker.values, told.offset) == ([b"v", b"v"], 1)


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_falls_silent_is_left_after_the_requests_time_and_the_record_goes_on(
    behaviour: Behaviour,
) -> None:
    with OneBroker(behaviour) as broker, hasty(broker) as producer, Stopwatch():
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset == 1


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_is_always_silent_ends_the_record_in_its_time_and_says_that_it_may_be_written(
    behaviour: Behaviour,
) -> None:
    with OneBroker(*[behaviour] * 100) as broker, hasty(broker) as producer, Stopwatch():
        error = producer.send(TOPIC, b"v").exception(WAIT_S)
        broker.behaviours.clear()
        after = producer.send(TOPIC, b"w").result(WAIT_S)

    assert isinstance(error, DeliveryTimeoutError)
    assert error.outcome is Outcome.UNKNOWN
    assert broker.values[after.offset] == b"w"


def test_a_broker_that_accepts_and_never_answers_is_named_after_max_block_ms() -> None:
    with OneBroker(is_mute=True) as broker, Stopwatch():
        with hasty(broker) as producer:
            with pytest.raises(MetadataTimeoutError, match=f"no answer from {broker.address} after 300 ms"):
                producer.send(TOPIC, b"v")
            with pytest.raises(MetadataTimeoutError, match="after 300 ms"):
                producer.partitions_for(TOPIC)
            producer.flush()

        async def story() -> None:
            async with AsyncProducer({"bootstrap.servers": broker.address} | HASTY) as asynchronous:
                with pytest.raises(MetadataTimeoutError, match=f"no answer from {broker.address} after 300 ms"):
                    await asynchronous.send(TOPIC, b"v")
                await asynchronous.flush()

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


IMPATIENT = HASTY | {"request.timeout.ms": 20, "reconnect.backoff.ms": 1, "max.block.ms": 60_000}
CONNECTIONS = 30


def test_a_connection_to_a_broker_that_stands_still_is_gone_when_its_time_is_up() -> None:
    """No broker ends its side: whoever waited for that would hold them all."""

    async def story(broker: OneBroker) -> int:
        producer = AsyncProducer({"bootstrap.servers": broker.address} | IMPATIENT)
        await asyncio.to_thread(eventually, lambda: len(broker.connections) >= CONNECTIONS)
        held = len(producer._driver._connections)
        await producer.close(0)
        return held

    with (
        OneBroker(is_mute=True, hears_ends=False) as broker,
        Producer({"bootstrap.servers": broker.address} | IMPATIENT) as producer,
    ):
        eventually(lambda: len(broker.connections) >= CONNECTIONS)
        assert len(producer._driver._connections) <= 1

    with OneBroker(is_mute=True, hears_ends=False) as broker:
        assert asyncio.run(asyncio.wait_for(story(broker), WAIT_S)) <= 1


UNHEEDED = HASTY | {"acks": 0, "buffer.memory": 4_000_000, "send.buffer.bytes": 65_536}
HALF_A_MEGABYTE = bytes(500_000)
"""More than the kernels hold on either side."""


def test_a_broker_that_stops_reading_is_left_and_nothing_is_told_delivered_although_nobody_waits_for_answers() -> None:
    """Java's producer: 0 delivered, 60 failed, 27 connections."""
    told: list[ProducerError | None] = []

    def note(_: RecordMetadata | None, error: ProducerError | None) -> None:
        told.append(error)

    async def story(broker: OneBroker) -> None:
        async with AsyncProducer({"bootstrap.servers": broker.address} | UNHEEDED) as asynchronous:
            for _ in range(12):
                with suppress(BufferExhaustedError):
                    await asynchronous.send(TOPIC, HALF_A_MEGABYTE, on_delivery=note)

    for is_asynchronous in (False, True):
        told.clear()
        with OneBroker(hears_produce=False) as broker, Stopwatch():
            if is_asynchronous:
                asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
            else:
                with Producer({"bootstrap.servers": broker.address} | UNHEEDED) as producer:
                    for _ in range(12):
                        with suppress(BufferExhaustedError):
                            producer.send(TOPIC, HALF_A_MEGABYTE, on_delivery=note)

            outcomes = {error.outcome for error in told if isinstance(error, SendError)}
            assert len(told) >= 7, "as many as there is room for"
            assert None not in told
            assert outcomes == {Outcome.UNKNOWN, Outcome.FAILED}
            assert len(broker.connections) > 3, "tried again, on other connections"


NO_NAMES = [f"{'a' * 64}.example", ".example", "example..org"]


@pytest.mark.parametrize("host", NO_NAMES)
def test_a_host_that_is_no_name_is_a_connection_that_failed(host: str) -> None:
    properties = HASTY | {"bootstrap.servers": f"{host}:9092"}
    with Stopwatch():
        with Producer(properties) as producer, pytest.raises(MetadataTimeoutError, match="the latest connection: "):
            producer.send(TOPIC, b"v")

        async def story() -> None:
            async with AsyncProducer(properties) as asynchronous:
                with pytest.raises(MetadataTimeoutError, match="the latest connection: "):
                    await asynchronous.send(TOPIC, b"v")

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


def test_too_many_open_files_are_a_connection_that_failed_and_is_tried_again() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with OneBroker() as broker, hasty(broker, max_block_ms=WAIT_S * 1_000) as producer, Stopwatch():
        lowest_free = os.open(os.devnull, os.O_RDONLY)
        os.close(lowest_free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
        try:
            sender = threading.Thread(target=lambda: producer.send(TOPIC, b"v"))
            sender.start()
            eventually(lambda: producer._engine._client.connections.last_loss == "Too many open files")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        sender.join(WAIT_S)
        producer.flush(WAIT_S)

        assert broker.values == [b"v"]
