"""A caller may be willing to wait for any time at all, also for ever, and is told by name what is no time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer import AsyncProducer, Producer
from producer.drivers.clock import now_us
from producer.drivers.timeouts import FOREVER_S, wait_until_us, waited_s
from tests.unit.producer.drivers.one_broker import TOPIC, Behaviour, OneBroker
from tests.unit.producer.drivers.patience import Stopwatch

LONG = [None, math.inf, 1e300, 2**63, 10**400, FOREVER_S, True]
SHORT = [0, -1, -math.inf, -(10**400), False]


def shown(timeout_s: Any) -> str:
    return repr(timeout_s)[:12]


NO_TIME = [("1", TypeError), (math.nan, ValueError), (b"1", TypeError), ([1], TypeError)]


@pytest.mark.parametrize("timeout_s", LONG, ids=shown)
def test_who_waits_long_waits_for_the_answer(timeout_s: Any) -> None:
    with OneBroker() as broker, Stopwatch():
        producer = Producer({"bootstrap.servers": broker.address})
        sent = producer.send(TOPIC, b"v")
        producer.flush(timeout_s)
        assert sent.result(timeout_s).offset == 0
        sent = producer.send(TOPIC, b"w")
        producer.close(timeout_s)

        assert sent.result(0).offset == 1


@pytest.mark.parametrize("timeout_s", SHORT, ids=shown)
def test_who_does_not_wait_is_told_at_once(timeout_s: Any) -> None:
    with OneBroker(Behaviour.SILENT) as broker, Stopwatch():
        producer = Producer({"bootstrap.servers": broker.address})
        sent = producer.send(TOPIC, b"v")
        with pytest.raises(TimeoutError):
            sent.result(timeout_s)
        with pytest.raises(TimeoutError):
            producer.flush(timeout_s)
        producer.close(timeout_s)


@pytest.mark.parametrize("timeout_s", [one for one in LONG if one is not None] + SHORT, ids=shown)
def test_on_asyncio_too(timeout_s: Any) -> None:
    async def story(address: str) -> None:
        producer = AsyncProducer({"bootstrap.servers": address})
        await producer.send(TOPIC, b"v")
        if timeout_s in LONG:
            await producer.flush(timeout_s)
        else:
            with pytest.raises(TimeoutError):
                await producer.flush(timeout_s)
        await producer.close(timeout_s)

    with OneBroker() as broker, Stopwatch():
        asyncio.run(story(broker.address))


@pytest.mark.parametrize(("timeout_s", "kind"), NO_TIME)
def test_what_is_no_time_is_named_and_changes_nothing(timeout_s: Any, kind: type[Exception]) -> None:
    with OneBroker() as broker, Producer({"bootstrap.servers": broker.address}) as producer:
        sent = producer.send(TOPIC, b"v")
        waits: list[Callable[[Any], object]] = [producer.flush, producer.close]
        for wait in waits:
            with pytest.raises(kind, match=r"a timeout is .*, must be a number of seconds or None") as told:
                wait(timeout_s)
            assert repr(timeout_s) in str(told.value)

        assert sent.result().offset == 0
        assert producer.send(TOPIC, b"w").result().offset == 1


@given(st.integers() | st.floats(allow_nan=False))
def test_every_number_is_a_wait_that_the_system_bears(timeout_s: float) -> None:
    seconds, until_us = waited_s(timeout_s), wait_until_us(timeout_s)

    assert seconds is not None
    assert until_us is not None
    assert 0 <= seconds <= FOREVER_S
    assert until_us <= now_us() + FOREVER_S * 1_000_000
