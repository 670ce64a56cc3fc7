"""A producer whose properties are as small or as large as they may be lives: records end once, metrics are read, nothing raises."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer import AsyncProducer, Producer
from producer.config.config import PROPERTIES, ProducerConfig
from producer.config.property_types import INT_MAX, LONG_MAX
from producer.config.serialization import OF_REGISTRIES
from producer.errors import Code, ConfigError, ProducerError, UsageError
from producer.events import BatchDelivered, BatchUndelivered
from producer.records import Record
from tests.unit.producer.drivers.notes import WAIT_S
from tests.unit.producer.drivers.one_broker import OneBroker
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


def ends_of(name: str) -> tuple[Any, Any] | None:
    """The least and the greatest value of a number; None for a property of another kind."""
    bounds = ProducerConfig.model_fields[PROPERTIES[name]].metadata
    least = [bound.ge for bound in bounds if hasattr(bound, "ge")]
    greatest = [bound.le for bound in bounds if hasattr(bound, "le")]
    return (max(least), min(greatest)) if greatest else None


# SASL's have no effect on a plain connection, a registry's none without a serializer that asks one, and are refused there.
WITHOUT_EFFECT = OF_REGISTRIES | {name for name in PROPERTIES if name.startswith("sasl.")}
ENDS = {name: ends for name in sorted(PROPERTIES) if (ends := ends_of(name)) and name not in WITHOUT_EFFECT}
EACH = [(name, value) for name, ends in ENDS.items() for value in ends]
WORDS = {
    "acks": ("0", "1", "all"),
    "compression.type": ("gzip", "snappy", "lz4", "zstd"),
    "enable.idempotence": (True, False),
    "metrics.recording.level": ("INFO", "DEBUG"),
}
CONTRADICTING = [("delivery.timeout.ms", 0), ("max.in.flight.requests.per.connection", INT_MAX)]
"""What other properties do not allow at their defaults."""
WITHOUT_ROOM = [("buffer.memory", 0), ("max.request.size", 0), ("batch.size", INT_MAX)]


def test_the_ends_are_those_of_kafkas_types() -> None:
    assert len(ENDS) >= 25
    assert ENDS["metrics.sample.window.ms"] == (1, LONG_MAX)
    assert ENDS["retries"] == (0, INT_MAX)


def cluster_with(properties: dict[str, Any], **more: Any) -> ScriptedCluster:
    return ScriptedCluster(**{name.replace(".", "_"): value for name, value in properties.items()}, **more)


@pytest.mark.parametrize(("name", "value"), [one for one in EACH if one not in CONTRADICTING + WITHOUT_ROOM])
def test_a_producer_lives_through_an_answer(name: str, value: int) -> None:
    cluster = cluster_with({name: value})

    for number in range(2):
        cluster.send_alone(b"%d" % number)
        cluster.answer()
        cluster.advance(SECOND_US)

    assert cluster.delivered == [b"0", b"1"]
    assert cluster.engine.metrics.measure(cluster.now_us).value("record-send-total") == 2


@pytest.mark.parametrize(("name", "value"), CONTRADICTING)
def test_what_others_do_not_allow_is_named(name: str, value: int) -> None:
    with pytest.raises(ConfigError, match=f"{name} is {value}, must be"):
        cluster_with({name: value})


@pytest.mark.parametrize(("name", "value"), WITHOUT_ROOM)
def test_what_leaves_no_room_for_a_record_is_named(name: str, value: int) -> None:
    cluster = cluster_with({name: value})

    with pytest.raises(UsageError, match=f"{name} of {value}"):
        cluster.send(b"v")


CHOICES = ENDS | WORDS
STEPS = st.sampled_from(["send", "flush", "answer", "refuse", "lose", "moment", "while"])


@given(
    st.lists(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=8, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(CHOICES[name]) for name in names})
    ),
    st.lists(STEPS, max_size=12),
)
def test_whatever_meets_every_record_ends_once(properties: dict[str, Any], steps: list[str]) -> None:
    try:
        ProducerConfig.from_properties({"bootstrap.servers": "b1:9092"} | properties)
    except ConfigError:
        return
    if properties.get("metadata.max.age.ms") == 0:
        # Where no time passes on the way, this would be a question without an end.
        properties |= {"retry.backoff.ms": 1, "retry.backoff.max.ms": 1}
    cluster = cluster_with(properties, partitions=2)
    queued = 0
    for step in ["send", *steps]:
        match step:
            case "send":
                record = Record("orders", b"v", None, queued % 2)
                try:
                    wait = cluster.engine.send(record, queued, now_us=cluster.now_us)
                    for _ in range(4):
                        cluster.settle()
                        wait = wait and cluster.engine.send(record, queued, now_us=cluster.now_us, wait=wait)
                    if wait is None:
                        queued += 1
                    else:
                        cluster.engine.give_up(wait, record, now_us=cluster.now_us)
                except ProducerError:
                    pass
            case "flush":
                cluster.engine.flush(cluster.now_us)
            case "answer" if cluster.waiting:
                cluster.answer()
            case "refuse" if cluster.waiting:
                cluster.answer(code=Code.NOT_LEADER_OR_FOLLOWER)
            case "lose":
                cluster.disconnect_all()
            case "moment":
                cluster.advance(1_000)
            case "while":
                cluster.advance(3 * SECOND_US)
            case _:
                pass  # nothing waits for an answer
        cluster.settle()

    cluster.engine.metrics.measure(cluster.now_us)
    cluster.engine.close(cluster.now_us)
    cluster.engine.abort(cluster.now_us)
    cluster.settle()

    ended = [
        token
        for answer in cluster.answers
        if isinstance(answer, BatchDelivered | BatchUndelivered)
        for token in answer.tokens
    ]
    assert sorted(ended) == list(range(queued))


HIGHEST = {name: greatest for name, (_, greatest) in ENDS.items() if (name, greatest) not in CONTRADICTING}
STIFLING = {"buffer.memory", "max.request.size", "max.block.ms", "delivery.timeout.ms", "request.timeout.ms",
            "socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.max.ms",
            "metadata.recovery.rebootstrap.trigger.ms", "retries"}  # fmt: skip
"""What leaves no room or no time at its least."""
LOWEST = {name: least for name, (least, _) in ENDS.items() if name not in STIFLING}


@pytest.mark.parametrize("properties", [HIGHEST, LOWEST], ids=["highest", "lowest"])
def test_sockets_clocks_and_threads_bear_it_too(properties: dict[str, Any]) -> None:
    with OneBroker() as broker, Producer({"bootstrap.servers": broker.address} | properties) as producer:
        sent = producer.send("orders", b"v")
        producer.flush()

        assert sent.result(WAIT_S).offset == 0
        assert producer.metrics().value("record-send-total") == 1


@pytest.mark.parametrize("properties", [HIGHEST, LOWEST], ids=["highest", "lowest"])
def test_an_event_loop_bears_it_too(properties: dict[str, Any]) -> None:
    async def story(address: str) -> int:
        async with AsyncProducer({"bootstrap.servers": address} | properties) as producer:
            sent = await producer.send("orders", b"v")
            await producer.flush()
            return (await sent).offset

    with OneBroker() as broker:
        assert asyncio.run(story(broker.address)) == 0
