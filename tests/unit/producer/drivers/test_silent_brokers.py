"""Brokers that say half of it, nothing, or nonsense, and hosts that cannot be connected to: with both drivers."""

from __future__ import annotations

import asyncio
import os
import resource
import threading

import pytest

from producer import AsyncProducer, Producer
from producer.errors import (
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerError,
    SendError,
)
from producer.records import RecordMetadata
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm, eventually, says, until_it_says


@pytest.mark.parametrize("behaviour", [Behaviour.HALF_AND_CLOSED, Behaviour.GARBAGE], ids=lambda one: one.name.lower())
def test_an_answer_that_is_none_costs_a_connection_and_no_record(behaviour: Behaviour) -> None:
    with OneBroker(behaviour) as broker, calm(broker) as producer, Stopwatch():
        told = producer.send(TOPIC, b"v").result(WAIT_S)

    # The broker could not know that its first answer was lost; with sequences, a real one would not have appended twice.
    assert (broker.values, told.offset) == ([b"v", b"v"], 1)


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_falls_silent_is_left_after_the_requests_time_and_the_record_goes_on(
    behaviour: Behaviour,
) -> None:
    with OneBroker(behaviour) as broker, calm(broker, request_timeout_ms=300) as producer, Stopwatch():
        # A broker that is slow is one that is silent.
        assert producer.send(TOPIC, b"v").result(WAIT_S).offset >= 1


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.HALF_AND_SILENT], ids=lambda one: one.name.lower())
def test_a_broker_that_is_always_silent_ends_the_record_in_its_time_and_says_that_it_may_be_written(
    behaviour: Behaviour,
) -> None:
    times = {"request_timeout_ms": 300, "delivery_timeout_ms": 1_000}
    with OneBroker(*[behaviour] * 100) as broker, calm(broker, **times) as producer, Stopwatch():
        errors: list[BaseException | None] = []

        def send_in_vain() -> None:
            errors.append(producer.send(TOPIC, b"v").exception(WAIT_S))

        # Where the machine is slow, its time may be up before it is sent.
        send_in_vain()
        while not broker.values:
            send_in_vain()
        broker.behaviours.clear()
        eventually(lambda: producer.send(TOPIC, b"w").exception(WAIT_S) is None)

    assert all(isinstance(error, DeliveryTimeoutError) for error in errors)
    assert isinstance(errors[-1], SendError)
    assert errors[-1].outcome is Outcome.UNKNOWN
    assert broker.values[-1] == b"w"


def test_a_broker_that_accepts_and_never_answers_is_named_after_max_block_ms() -> None:
    with OneBroker(is_mute=True) as broker, Stopwatch():
        named = f"no answer from {broker.address} after 300 ms"
        with calm(broker, max_block_ms=300) as producer:
            eventually(lambda: says(lambda: producer.send(TOPIC, b"v"), MetadataTimeoutError, named))
            eventually(lambda: says(lambda: producer.partitions_for(TOPIC), MetadataTimeoutError, named))
            producer.flush()

        async def story() -> None:
            async with AsyncProducer(
                {"bootstrap.servers": broker.address} | CALM | {"max.block.ms": 300}
            ) as asynchronous:
                await until_it_says(lambda: asynchronous.send(TOPIC, b"v"), MetadataTimeoutError, named)
                await asynchronous.flush()

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


IMPATIENT = CALM | {"request.timeout.ms": 20, "reconnect.backoff.ms": 1}
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


UNHEEDED = CALM | {
    "acks": 0,
    "buffer.memory": 4_000_000,
    "delivery.timeout.ms": 1_000,
    "request.timeout.ms": 300,
    "send.buffer.bytes": 65_536,
}
HALF_A_MEGABYTE = bytes(500_000)
"""More than the kernels hold on either side."""


def test_a_broker_that_stops_reading_is_left_and_nothing_is_told_delivered_although_nobody_waits_for_answers() -> None:
    """Java's producer: 0 delivered, 60 failed, 27 connections."""
    told: list[ProducerError | None] = []

    def note(_: RecordMetadata | None, error: ProducerError | None) -> None:
        told.append(error)

    def is_enough(broker: OneBroker) -> bool:
        outcomes = {error.outcome for error in told if isinstance(error, SendError)}
        # Tried again, on other connections.
        return len(broker.connections) > 3 and outcomes == {Outcome.UNKNOWN, Outcome.FAILED}

    async def story(broker: OneBroker) -> None:
        async with AsyncProducer({"bootstrap.servers": broker.address} | UNHEEDED) as asynchronous:
            while not is_enough(broker):
                # There is room again when the time of those before it is up.
                await asynchronous.send(TOPIC, HALF_A_MEGABYTE, on_delivery=note)

    for is_asynchronous in (False, True):
        told.clear()
        with OneBroker(hears_produce=False) as broker, Stopwatch():
            if is_asynchronous:
                asyncio.run(asyncio.wait_for(story(broker), WAIT_S))
            else:
                with Producer({"bootstrap.servers": broker.address} | UNHEEDED) as producer:
                    while not is_enough(broker):
                        producer.send(TOPIC, HALF_A_MEGABYTE, on_delivery=note)

            assert len(told) >= 7, "as many as there is room for"
            assert None not in told


NO_NAMES = [f"{'a' * 64}.example", ".example", "example..org"]


@pytest.mark.parametrize("host", NO_NAMES)
def test_a_host_that_is_no_name_is_a_connection_that_failed(host: str) -> None:
    properties = CALM | {"bootstrap.servers": f"{host}:9092", "max.block.ms": 300}
    named = "the latest connection: "
    with Stopwatch():
        with Producer(properties) as producer:
            eventually(lambda: says(lambda: producer.send(TOPIC, b"v"), MetadataTimeoutError, named))

        async def story() -> None:
            async with AsyncProducer(properties) as asynchronous:
                await until_it_says(lambda: asynchronous.send(TOPIC, b"v"), MetadataTimeoutError, named)

        asyncio.run(asyncio.wait_for(story(), WAIT_S))


def test_too_many_open_files_are_a_connection_that_failed_and_is_tried_again() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
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
