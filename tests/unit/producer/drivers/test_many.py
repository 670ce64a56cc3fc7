"""`send_many` on real sockets: what columns may be, and what callbacks may do to them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from producer import AsyncProducer
from producer.errors import RecordTooLargeError, UsageError
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.drivers.patience import CALM, WAIT_S, Stopwatch, calm

VALUES = [b"%d" % number for number in range(20)]


@pytest.mark.parametrize(
    "column",
    [deque, tuple, iter, dict.fromkeys, lambda values: (value for value in values)],
    ids=["a deque", "a tuple", "an iterator", "a dict's keys", "a generator"],
)
def test_a_column_is_whatever_can_be_gone_through(column: Callable[[list[bytes]], Any]) -> None:
    async def send(broker: OneBroker) -> list[int]:
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM) as producer:
            futures = await producer.send_many(TOPIC, column(VALUES), keys=column(VALUES))
            return [(await future).offset for future in futures]

    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        futures = producer.send_many(TOPIC, column(VALUES), keys=column(VALUES))
        assert [future.result(WAIT_S).offset for future in futures] == list(range(20))
        assert not producer._answers.outstanding._waiting
        assert asyncio.run(asyncio.wait_for(send(broker), WAIT_S)) == list(range(20, 40))

    assert broker.values == VALUES * 2


@pytest.mark.parametrize(
    ("values", "keys", "says"),
    [
        (b"one value", None, "value 0 is a int, must be bytes or None"),
        ("one value", None, "value 0 is a str, must be bytes or None"),
        (7, None, "values are a int, must be a sequence"),
        ([b"v"], 7, "keys are a int, must be a sequence"),
        ([b"v"], [None], "key 0 is a NoneType, must be bytes"),
        ([b"v"], [], "0 keys and 1 values, must be as many"),
    ],
)
def test_a_column_that_is_none_is_named_and_leaves_nothing_behind(values: Any, keys: Any, says: str) -> None:
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        with pytest.raises(UsageError, match=says):
            producer.send_many(TOPIC, values, keys=keys)

        assert not producer._answers.outstanding._waiting


def test_a_column_that_is_changed_while_it_is_sent_is_sent_as_it_was() -> None:
    values = list(VALUES)
    with OneBroker() as broker, calm(broker) as producer, Stopwatch():
        producer.send(TOPIC, b"known").result(WAIT_S)
        with producer._columns(TOPIC, values, None, None) as columns:
            values.clear()
            assert next(iter(columns))[0].value == VALUES[0]


def test_a_callback_that_fails_for_a_record_that_is_refused_stops_no_other_record() -> None:
    heard: list[Any] = []

    def on_delivery(metadata: Any, error: Any) -> None:
        heard.append(error or metadata.offset)
        raise ValueError("the application's own")

    async def send(broker: OneBroker) -> None:
        async with AsyncProducer({"bootstrap.servers": broker.address} | CALM | {"max.request.size": 500}) as producer:
            await producer.send_many(TOPIC, [b"v", bytes(1_000), b"w"], on_delivery=on_delivery)

    with OneBroker() as broker, Stopwatch():
        with calm(broker, max_request_size=500) as producer:
            producer.send_many(TOPIC, [b"v", bytes(1_000), b"w"], on_delivery=on_delivery)
        asyncio.run(asyncio.wait_for(send(broker), WAIT_S))

    assert broker.values == [b"v", b"w"] * 2
    assert sum(isinstance(one, RecordTooLargeError) for one in heard) == 2
    assert [one for one in heard if isinstance(one, int)] == [0, 1, 2, 3]
