"""A follower's Fetch that is late: the registration under which it was sent is over (Replica.updateFetchStateOrThrow)."""

import pytest

from producer.errors import Code
from sim.cluster.messages import NO_EPOCH, ReplicaFetch, ReplicaFetchAnswer, ReplicaFetchPartition
from sim.world.network import Endpoint
from tests.unit.sim.raw_client import ORDERS, Lab


def fetched(lab: Lab, broker_epoch: int) -> Code:
    """Send broker 1 a Fetch as broker 3's under that registration; it names an offset far behind."""
    answers: list[ReplicaFetchAnswer] = []
    state = lab.cluster.controller.replication.state_of(ORDERS)
    wanted = ReplicaFetchPartition(
        state.topic_id, ORDERS, state.leader_epoch, fetch_offset=0, last_fetched_epoch=NO_EPOCH, high_watermark=0
    )

    def ask(endpoint: Endpoint) -> None:
        endpoint.on_received = answers.append
        endpoint.send(ReplicaFetch(1, 3, broker_epoch, (wanted,)), size_bytes=100)

    lab.cluster.network.connect(lab.client.host, "b1", connection=99, on_open=ask, on_failed=pytest.fail)
    lab.run(1)
    ((result,),) = [answer.results for answer in answers]
    return result.code


def test_a_fetch_of_a_registration_that_is_over_is_refused_and_tells_nothing_of_the_next() -> None:
    lab = Lab()
    over = lab.cluster.brokers[3].process.broker_epoch  # type: ignore[union-attr]
    lab.client.produce(b"a")
    lab.cluster.crash(3)
    lab.cluster.restart(3)
    assert lab.settle()
    now = lab.cluster.brokers[3].process.broker_epoch  # type: ignore[union-attr]

    assert over < now
    assert fetched(lab, over) is Code.NOT_LEADER_OR_FOLLOWER
    assert fetched(lab, now) is Code.NONE
