"""Brokers of every age, and brokers that talk nonsense."""

import pytest

from producer.errors import (
    Code,
)
from producer.events import BatchSent
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


@pytest.mark.parametrize("highest", [0, 2, 3])
def test_an_older_broker_is_asked_for_versions_again(highest: int) -> None:
    cluster = ScriptedCluster(api_versions_max=highest)

    cluster.send_alone(b"a")
    cluster.answer()

    assert cluster.delivered == [b"a"]


@pytest.mark.parametrize("highest", range(3, 14))
def test_every_produce_version_delivers(highest: int) -> None:
    cluster = ScriptedCluster()
    cluster.disconnect_all()
    cluster.produce_max = highest

    cluster.send(b"a")
    cluster.advance(SECOND_US)
    assert cluster.waiting[0].header.api_version == highest
    cluster.answer()

    assert cluster.delivered == [b"a"]


def test_nonsense_from_a_broker_costs_the_connection_and_no_record() -> None:
    cluster = ScriptedCluster()
    request = cluster.send_alone(b"a")

    cluster.waiting.clear()
    cluster.engine.bytes_received(request.connection, b"\x00\x00\x00\x04\x7f\x7f\x7f\x7f", cluster.now_us)
    cluster.settle()
    assert request.connection not in cluster.connections
    cluster.advance(SECOND_US)
    cluster.answer()

    assert cluster.delivered == [b"a"]


def test_every_send_of_a_batch_is_observed_with_its_sequence() -> None:
    cluster = ScriptedCluster()
    cluster.send_alone(b"a")
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(SECOND_US)

    sent = [event for event in cluster.observed if isinstance(event, BatchSent)]

    assert [(event.attempt, event.base_sequence, event.batch) for event in sent] == [(1, 0, 1), (2, 0, 1)]
