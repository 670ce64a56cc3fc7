"""A producer is a guest in its user's process: whatever peers and callbacks do, it holds nothing for longer than promised.

A property over real sockets, of both drivers: clusters whose brokers treat each connection as they like, addresses where
nothing is answered, callbacks that raise, exit, call the producer back or close it, an end by `close` or by dropping it.
Each call returns in its time, each future ends, and then no thread, no descriptor and no engine with its records is left. `endurance.py` is the same
for ten minutes, and for thousands; a nightly profile of Hypothesis draws fifty times as many stories.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from producer import AsyncProducer, Producer
from producer.errors import ProducerError, ReentrantCallError
from tests.unit.producer.drivers.holdings import Holdings, engines, holdings
from tests.unit.producer.drivers.hostile_broker import Manner
from tests.unit.producer.drivers.hostile_cluster import Hole, HostileCluster
from tests.unit.producer.drivers.one_broker import TOPIC
from tests.unit.producer.drivers.patience import WAIT_S, Stopwatch, eventually

pytestmark = pytest.mark.usefixtures("nobody_looks_at_what_lived_before")

SHORT = {
    "linger.ms": 1,
    "request.timeout.ms": 30,
    "delivery.timeout.ms": 120,
    "max.block.ms": 60,
    "reconnect.backoff.ms": 2,
    "reconnect.backoff.max.ms": 20,
    "retry.backoff.ms": 2,
    "retry.backoff.max.ms": 20,
    "socket.connection.setup.timeout.ms": 40,
    "socket.connection.setup.timeout.max.ms": 80,
    "batch.size": 2_000,
    "buffer.memory": 20_000,
}
"""Everything is over soon, and there is room for ten batches."""
FLUSH_S = 0.02


@pytest.fixture(scope="module", autouse=True)
def _nobody_keeps_what_is_logged() -> Iterator[None]:
    """pytest keeps each record of a log, the error in it, that error's frames, and so the producer that stands there."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


class OwnError(BaseException):
    """Nothing that Python knows."""


CALLBACKS = ["nothing", "raises", "cancelled", "own", "exits", "sends", "purges", "closes"]
ENDS = ["close", "close soon", "close now", "drop", "drop with its futures"]


Step = tuple[str, int, int, str]
"""What, how many, how large, and what its callback does."""


class Story(NamedTuple):
    """What is drawn."""

    manners: list[list[Manner]]
    """Of each broker."""
    holes: list[Hole]
    acks: str
    seed: int
    steps: list[Step]
    end: str


stories = st.builds(
    Story,
    manners=st.lists(st.lists(st.sampled_from(Manner), min_size=1, max_size=4), min_size=1, max_size=3),
    holes=st.lists(st.sampled_from(Hole), max_size=2, unique=True),
    acks=st.sampled_from(["all", "1", "0"]),
    seed=st.integers(0, 2**16),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["send", "send", "send_many", "flush", "purge", "metrics", "partitions_for"]),
            st.integers(1, 20),
            st.sampled_from([0, 10, 1_500, 3_000]),
            st.sampled_from(CALLBACKS),
        ),
        max_size=6,
    ),
    end=st.sampled_from(ENDS),
)
# What takes real time is not shrunk: a story is short enough to be read.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
hostile = settings(
    max_examples=settings().max_examples // 10,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow],
)


EXITS_ON_A_THREAD = Story(
    manners=[[Manner.SILENT]],
    holes=[],
    acks="1",
    seed=7,
    steps=[("send", 7, 10, "exits")],
    end="close",
)


def properties(cluster: HostileCluster, story: Story) -> dict[str, Any]:
    return SHORT | {"bootstrap.servers": cluster.servers, "acks": story.acks}


def raising(error: BaseException) -> Callable[..., object]:
    def callback(*_: object) -> None:
        raise error

    return callback


RAISING: dict[str, Callable[[], BaseException]] = {
    "raises": lambda: ValueError("the application's own"),
    "cancelled": asyncio.CancelledError,
    "own": OwnError,
    "exits": SystemExit,
}


def held_beside(cluster: HostileCluster) -> tuple[Holdings, int]:
    """What the producer holds, and whatever else that is not the brokers'; and how many engines there are."""
    held = holdings()
    return held._replace(descriptors=held.descriptors - cluster.descriptors), engines()


def is_left_alone(cluster: HostileCluster, before: tuple[Holdings, int]) -> bool:
    (held, living), (then, lived) = held_beside(cluster), before
    return held.threads <= then.threads and held.descriptors <= then.descriptors and living <= lived


def ended(futures: list[Any]) -> bool:
    return all(future.done() for future in futures)


# -- on a thread -------------------------------------------------------------------------------------------------------


def on_thread(producer: Producer, what: str) -> Callable[..., object] | None:
    """A callback, none of which keeps the producer once it was called."""
    if what in RAISING:
        return raising(RAISING[what]())
    calls: dict[str, Callable[[], object]] = {
        "sends": lambda: producer.send(TOPIC, b"from a callback"),
        "purges": producer.purge,
        "closes": producer.close,
    }
    return None if what == "nothing" else lambda *_: calls[what]()


def play_on_thread(cluster: HostileCluster, story: Story) -> list[Any]:
    """Play a story up to its end. Gives the futures."""
    producer = Producer(properties(cluster, story))
    futures: list[Any] = []
    for step in story.steps:
        with Stopwatch():
            try:
                step_on_thread(producer, step, futures)
            except ReentrantCallError:
                raise
            except (ProducerError, TimeoutError, SystemExit):
                # It had no room, no metadata, no time, or was closed in a callback; a future that had ended called back at once.
                pass
    if story.end.startswith("close"):
        with Stopwatch():
            producer.close({"close": None, "close soon": FLUSH_S, "close now": 0}[story.end])
        assert ended(futures)
    return [] if story.end == "drop" else futures


def step_on_thread(producer: Producer, step: Step, futures: list[Any]) -> None:
    what, count, size, told = step
    on_delivery = on_thread(producer, told)
    match what:
        case "send":
            for number in range(count):
                futures.append(producer.send(TOPIC, bytes(size), key=b"%d" % number, on_delivery=on_delivery))
                futures[-1].add_done_callback(on_delivery or (lambda _: None))
        case "send_many":
            futures += producer.send_many(TOPIC, [bytes(size)] * count, on_delivery=on_delivery)
        case "flush":
            producer.flush(FLUSH_S)
        case "partitions_for":
            producer.partitions_for(TOPIC)
        case _:
            getattr(producer, what)()


@hostile
@given(story=stories)
@example(story=EXITS_ON_A_THREAD)
def test_a_producer_leaves_nothing_behind_whatever_peers_and_callbacks_do(story: Story) -> None:
    with HostileCluster(story.manners, holes=story.holes, seed=story.seed) as cluster:
        before = held_beside(cluster)
        futures = play_on_thread(cluster, story)
        while futures:
            # Some error, or none; but an end.
            futures.pop().exception(WAIT_S)
        eventually(lambda: is_left_alone(cluster, before))


# -- on a loop ---------------------------------------------------------------------------------------------------------


def on_loop(producer: AsyncProducer, what: str) -> Callable[..., object] | None:
    if what in RAISING and what != "exits":
        return raising(RAISING[what]())
    # To exit is to end the loop, and with it the test.
    calls: dict[str, Callable[[], object]] = {
        "sends": lambda: spawn(producer.send(TOPIC, b"from a callback")),
        "purges": producer.purge,
        "closes": lambda: spawn(producer.close(0)),
    }
    return None if what in {"nothing", "exits"} else lambda *_: calls[what]()


def spawn(story: Any) -> None:
    task = asyncio.ensure_future(story)
    # Nobody awaits it: what it ends with is heard here.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())


async def play_on_loop(cluster: HostileCluster, story: Story) -> list[Any]:
    producer = AsyncProducer(properties(cluster, story))
    futures: list[Any] = []
    for step in story.steps:
        with Stopwatch(), suppress(ProducerError, TimeoutError):
            await step_on_loop(producer, step, futures)
    if story.end.startswith("close"):
        with Stopwatch():
            await producer.close({"close": None, "close soon": FLUSH_S, "close now": 0}[story.end])
        assert ended(futures)
    return [] if story.end == "drop" else futures


async def step_on_loop(producer: AsyncProducer, step: Step, futures: list[Any]) -> None:
    what, count, size, told = step
    on_delivery = on_loop(producer, told)
    match what:
        case "send":
            for number in range(count):
                future = await producer.send(TOPIC, bytes(size), key=b"%d" % number, on_delivery=on_delivery)
                futures.append(future)
                future.add_done_callback(on_delivery or (lambda _: None))
        case "send_many":
            futures += await producer.send_many(TOPIC, [bytes(size)] * count, on_delivery=on_delivery)
        case "flush":
            await producer.flush(FLUSH_S)
        case "partitions_for":
            await producer.partitions_for(TOPIC)
        case _:
            getattr(producer, what)()


@hostile
@given(story=stories)
def test_on_a_loop_neither(story: Story) -> None:
    async def play(cluster: HostileCluster) -> None:
        before = held_beside(cluster)
        futures = await play_on_loop(cluster, story)
        await asyncio.gather(*map(end_of, futures))
        del futures
        await asyncio.to_thread(eventually, lambda: is_left_alone(cluster, before))

    with HostileCluster(story.manners, holes=story.holes, seed=story.seed) as cluster:
        asyncio.run(asyncio.wait_for(play(cluster), WAIT_S))


async def end_of(future: Any) -> None:
    with suppress(ProducerError):
        await future
