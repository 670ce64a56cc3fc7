"""Deadlines of connections stand in a heap that is looked at lazily: it must say what looking at each of them would."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from producer.client.backoff import NEVER_US
from producer.client.link_state import LinkState
from tests.unit.producer.scripted_cluster import ScriptedCluster

MS_US = 1_000


def each_us(cluster: ScriptedCluster) -> int:
    """The earliest deadline of all connections, found by looking at every one."""
    connections = cluster.engine._client.connections
    idle_max_us = cluster.engine._client.settings.idle_max_us
    due = [link.due_us(cluster.now_us, idle_max_us=idle_max_us) for link in connections._links.values()]
    return min(due, default=NEVER_US)


steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "answer", "throttle", "wait", "long", "lose", "silent", "heard"]), st.integers(0, 2)
    ),
    max_size=25,
)


@given(steps=steps)
@settings(max_examples=60, deadline=None)
def test_the_heap_says_what_looking_at_each_connection_would(steps: list[tuple[str, int]]) -> None:
    cluster = ScriptedCluster(
        brokers=3,
        partitions=3,
        enable_idempotence=False,
        request_timeout_ms=2_000,
        delivery_timeout_ms=30_000,
        connections_max_idle_ms=3_000,
        linger_ms=0,
        metadata_recovery_strategy="none",
    )
    chance = random.Random(3)
    for what, broker in steps:
        take(cluster, what, broker, chance)

        assert cluster.engine._client.connections.deadline_us(cluster.now_us) == each_us(cluster)
        states = [link.state for link in cluster.engine._client.connections._links.values()]
        assert LinkState.DOWN not in states


def take(cluster: ScriptedCluster, what: str, broker: int, chance: random.Random) -> None:
    waiting: list[Any] = [one for one in cluster.waiting if one.broker == broker + 1]
    match what:
        case "send":
            cluster.silent = []
            cluster.send(b"v", partition=broker)
        case "answer" | "throttle":
            if waiting:
                cluster.answer(waiting[0], throttle_time_ms=900 if what == "throttle" else 0)
        case "wait":
            cluster.advance(chance.randrange(700) * MS_US)
        case "long":
            cluster.advance(4_000 * MS_US)
        case "lose":
            cluster.disconnect(*(number for number, one in cluster.connections.items() if one.broker == broker + 1))
        case "silent":
            cluster.silent = [f"b{broker + 1}"]
        case _:
            cluster.silent = []
