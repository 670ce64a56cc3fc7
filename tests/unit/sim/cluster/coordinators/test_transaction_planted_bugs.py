"""Each bug that is planted in a coordinator of transactions, or in that of groups about them, breaks its invariant."""

from __future__ import annotations

import pytest

from producer.errors import Code
from sim.cluster.topic_config import TopicConfig
from sim.mutants.fencing_forgotten import FENCING_FORGOTTEN
from sim.mutants.offsets_outside_transaction import OFFSETS_OUTSIDE_TRANSACTION
from sim.mutants.planting import Mutant
from tests.unit.sim.transaction_client import TransactionLab
from tests.unit.sim.transactional_offsets_client import HOME, OffsetsLab


def planted(lab: TransactionLab, bug: Mutant | None) -> None:
    """Let every broker be of that make, from its next life on."""
    for broker in lab.cluster.brokers.values():
        if bug is not None and bug.group_shard is not None:
            broker.group_shard_type = bug.group_shard
        if bug is not None and bug.transaction_shard is not None:
            broker.transaction_shard_type = bug.transaction_shard
    for number in lab.cluster.brokers:
        lab.cluster.crash(number)
        lab.run(12)
        lab.cluster.restart(number)
        assert lab.settle()
        lab.run(2)
    lab.line = lab.client.connect(lab.coordinator)


def broken(lab: TransactionLab) -> str:
    """The invariant that does not hold; empty if all do."""
    return "" if lab.watch.breach is None else lab.watch.breach.invariant


@pytest.mark.parametrize(
    ("bug", "invariant", "code"),
    [
        (None, "", Code.PRODUCER_FENCED),
        (FENCING_FORGOTTEN, "transactional ids", Code.NONE),
    ],
)
def test_a_coordinator_that_forgets_whom_the_one_before_shut_out_is_caught(
    bug: Mutant | None, invariant: str, code: Code
) -> None:
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2, 1),)), is_harmed=True)
    planted(lab, bug)
    pid, epoch = lab.identity()
    lab.identity()

    lab.cluster.crash(lab.coordinator)
    lab.run(12)
    lab.loaded(lab.coordinator)

    assert lab.add(pid, epoch) is code
    assert broken(lab) == invariant


@pytest.mark.parametrize(
    ("bug", "invariant", "offset"),
    [
        (None, "", 1),
        (OFFSETS_OUTSIDE_TRANSACTION, "transactional positions", 5),
    ],
)
def test_a_position_that_counts_before_its_transaction_commits_is_caught(
    bug: Mutant | None, invariant: str, offset: int
) -> None:
    lab = OffsetsLab(is_harmed=True)
    planted(lab, bug)
    lab.next_coordinator(lab.cluster.leader_of(HOME))
    lab.pid, lab.epoch = lab.identity()
    assert lab.group.commit(1) is Code.NONE
    lab.add_group()
    assert lab.write(5) is Code.NONE

    told = lab.told()

    assert told == (Code.NONE, offset)
    assert broken(lab) == invariant
