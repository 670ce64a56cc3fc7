"""Whom the controller takes into an ISR, and whose fetches a leader counts: registrations, not numbers (KIP-903)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from producer.errors import Code
from sim.cluster.broker import DiskLoss
from sim.cluster.broker.partition import Partition
from sim.cluster.config import ClusterConfig
from sim.cluster.controller.configuration_control import ConfigurationControl
from sim.cluster.controller.metadata_log import MetadataLog
from sim.cluster.controller.replication_control import ReplicationControl
from sim.cluster.messages import NO_EPOCH, AlterPartition, AlterPartitionAnswer, IsrMember, ReplicaFetchPartition
from sim.cluster.metadata_states import Address, BrokerState
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BrokerUnfenced
from sim.trace.trace import Trace
from sim.world.kernel import World
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

EPOCHS = {1: 11, 2: 12, 3: 13}
ALL = tuple(IsrMember(broker, epoch) for broker, epoch in EPOCHS.items())


class Controlled:
    """The controller's partition 0 of `orders`: b1 leads, b3 fell out of the ISR."""

    def __init__(self) -> None:
        config = ClusterConfig(topics=(TopicConfig("orders"),))
        self.log = MetadataLog(config)
        world, trace = World(seed=1), Trace()
        configuration = ConfigurationControl(world, trace, config, self.log)
        self.replication = ReplicationControl(world, trace, config, self.log, configuration)
        for broker, epoch in EPOCHS.items():
            self.log.put(
                BrokerState(broker, f"b{broker}", (Address(f"b{broker}", 9092),), None, epoch, is_fenced=False)
            )
        self.replication.create_topic(config.topics[0])
        assert self.propose(*ALL[:2]).code is Code.NONE

    def propose(self, *isr: IsrMember, broker: int = 1, broker_epoch: int = EPOCHS[1]) -> AlterPartitionAnswer:
        state = self.replication.state_of(ORDERS)
        return self.replication.alter_partition(
            AlterPartition(broker, broker_epoch, state.topic_id, ORDERS, state.leader_epoch, state.partition_epoch, isr)
        )

    def change(self, broker: int, **fields: object) -> None:
        """Write another registration of that broker, or its being fenced, to the metadata log."""
        self.log.put(replace(self.log.brokers[broker], **fields))  # type: ignore[arg-type]
        self.log.commit()

    @property
    def isr(self) -> tuple[int, ...]:
        return self.replication.state_of(ORDERS).isr


def test_a_follower_under_the_registration_that_its_leader_knows_is_taken_in() -> None:
    controlled = Controlled()

    answer = controlled.propose(*ALL)

    assert answer.code is Code.NONE
    assert answer.state is not None
    assert answer.state.isr == controlled.isr == (1, 2, 3)


@pytest.mark.parametrize(
    "now",
    [{"is_fenced": True}, {"broker_epoch": 14}, {"broker_epoch": 14, "is_fenced": True}],
    ids=["fenced", "registered anew", "registered anew and fenced yet"],
)
@pytest.mark.parametrize("broker", [2, 3])
def test_a_member_whose_registration_is_over_or_fenced_makes_a_proposal_ineligible(
    broker: int, now: dict[str, object]
) -> None:
    controlled = Controlled()
    before = controlled.replication.state_of(ORDERS)
    controlled.change(broker, **now)

    answer = controlled.propose(*ALL)

    assert (answer.code, answer.state) == (Code.INELIGIBLE_REPLICA, None)
    assert controlled.replication.state_of(ORDERS) == before


def test_a_member_that_never_registered_makes_a_proposal_ineligible() -> None:
    controlled = Controlled()
    del controlled.log.brokers[3]

    assert controlled.propose(*ALL).code is Code.INELIGIBLE_REPLICA
    assert controlled.isr == (1, 2)


@pytest.mark.parametrize("is_fenced", [False, True])
def test_a_member_whose_registration_its_leader_does_not_know_need_only_be_in_service(*, is_fenced: bool) -> None:
    controlled = Controlled()
    controlled.change(2, is_fenced=is_fenced)

    answer = controlled.propose(ALL[0], IsrMember(2, NO_EPOCH))

    assert answer.code is (Code.INELIGIBLE_REPLICA if is_fenced else Code.NONE)


def test_a_proposal_of_a_leaders_life_that_ended_is_stale_before_all_else() -> None:
    controlled = Controlled()
    controlled.change(1, broker_epoch=14)

    assert controlled.propose(*ALL).code is Code.STALE_BROKER_EPOCH
    assert controlled.propose(IsrMember(9, 99)).code is Code.STALE_BROKER_EPOCH
    assert controlled.isr == (1, 2)


def test_a_member_that_is_no_replica_is_an_invalid_request_whatever_its_epoch() -> None:
    controlled = Controlled()

    assert controlled.propose(*ALL, IsrMember(4, NO_EPOCH)).code is Code.INVALID_REQUEST


def leaders_partition(lab: Lab) -> Partition:
    process = lab.cluster.brokers[1].process
    assert process is not None
    return process.replicas.partitions[ORDERS]


def fetch_of_b3(lab: Lab, broker_epoch: int, *, offset: int) -> Code:
    """What b1 answers to a Fetch of b3 for orders-0; NONE, too, if there is nothing to say yet."""
    partition = leaders_partition(lab)
    asked = ReplicaFetchPartition(partition.topic_id, ORDERS, partition.leader_epoch, offset, partition.leader_epoch, 0)
    result = partition.serve_follower(asked, broker=3, broker_epoch=broker_epoch, bytes_max=1 << 20)
    return Code.NONE if result is None else result.code


def registered_twice() -> tuple[Lab, int, int]:
    """A settled cluster in whose ISR b3 is under its second registration, and both its broker epochs."""
    lab = Lab()
    lab.client.produce(b"a")
    registered = lab.cluster.controller.metadata.brokers
    first = registered[3].broker_epoch
    lab.cluster.crash(3, DiskLoss.WIPED)
    lab.cluster.restart(3)
    lab.run_to(BrokerUnfenced, broker=3)
    assert lab.settle()
    return lab, first, registered[3].broker_epoch


@pytest.mark.parametrize("is_late", [True, False], ids=["the life before", "this life"])
def test_only_a_fetch_of_a_members_present_life_acknowledges_records(*, is_late: bool) -> None:
    lab, first, second = registered_twice()
    connection = lab.client.connect(1)
    # b3 gets nothing more, b2 everything; b1's high watermark waits for b3.
    lab.cluster.network.hold("b3", "b1")
    send_batch(connection, b"b")
    lab.run(0.2)
    partition = leaders_partition(lab)
    assert (partition.log.end_offset, partition.log.high_watermark) == (2, 1)

    code = fetch_of_b3(lab, first if is_late else second, offset=2)

    assert code is (Code.NOT_LEADER_OR_FOLLOWER if is_late else Code.NONE)
    assert partition.log.high_watermark == (1 if is_late else 2)


def test_a_fetch_of_a_life_that_ended_takes_nobody_into_the_isr() -> None:
    lab, first, _ = registered_twice()
    lab.cluster.shrink_isr(ORDERS, (3,), 1_000_000)
    lab.run(0.5)
    assert lab.cluster.controller.replication.state_of(ORDERS).isr == (1, 2)

    leaders_partition(lab).hear_all()
    code = fetch_of_b3(lab, first, offset=1)
    lab.run(0.1)

    assert code is Code.NOT_LEADER_OR_FOLLOWER
    assert lab.cluster.controller.replication.state_of(ORDERS).isr == (1, 2)
