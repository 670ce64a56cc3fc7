"""A coordinator that fails in the midst of a transaction: the next one has read what was decided, and brings it to its end."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.end_markers import EndMarker, read_end_marker
from producer.wire.record_batch import decode_records
from sim.cluster.coordinators.transactions.record_kinds import TRANSACTION_LOG, metadata_of
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import (
    BatchAppended,
    MarkerAnswered,
    MarkersSent,
    TransactionFenced,
    TransactionMoved,
    TransactionsLoaded,
)
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS
from tests.unit.sim.transaction_client import HOME, TRANSACTION, TransactionLab

PATIENT_US = 60 * SECOND_US


def markers_in(lab: TransactionLab, tp: TopicPartition = ORDERS) -> list[tuple[int, EndMarker]]:
    """Epoch and end of each marker in the leader's log."""
    log = lab.log_of(tp)
    found = []
    for stored in log.file.entries:
        if stored.header.is_control:
            marker = read_end_marker(stored.data)
            assert marker is not None
            found.append((stored.header.producer_epoch, marker))
    return found


def written(lab: TransactionLab) -> list[tuple[str, int]]:
    """State and epoch of each record of the id in its coordinator's log."""
    log = lab.log_of(HOME)
    records = [record for stored in log.file.entries for record in decode_records(stored.data)]
    mine = [record for record in records if TRANSACTION_LOG.read_key(record.key or b"").transactional_id == TRANSACTION]
    values = [metadata_of(TRANSACTION_LOG.read_value(record.value or b"")) for record in mine]
    return [(value.state.value, value.producer_epoch) for value in values]


@pytest.mark.parametrize("is_commit", [True, False])
def test_what_was_prepared_is_completed_by_the_next_coordinator(is_commit: bool) -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.pause(3)
    code, pid, epoch = lab.end(pid, epoch, is_commit=is_commit)
    assert (code, lab.state) == (Code.NONE, f"Prepare{'Commit' if is_commit else 'Abort'}")

    lab.cluster.crash(1)
    lab.cluster.resume(3)
    lab.loaded(2)

    assert lab.complete() == f"Complete{'Commit' if is_commit else 'Abort'}"
    assert [(event.broker, event.prepared) for event in lab.events(TransactionsLoaded)] == [(2, 1)]
    assert {marker.is_commit for _, marker in markers_in(lab)} == {is_commit}
    assert markers_in(lab)[-1][1].coordinator_epoch == 1
    assert lab.add(pid, epoch) is Code.NONE


def test_markers_that_were_written_already_are_written_once_more() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    assert lab.end(pid, epoch)[0] is Code.NONE
    lab.run_to(BatchAppended, topic="orders", producer_epoch=epoch + 1)

    lab.cluster.crash(1)
    lab.loaded(2)

    assert lab.complete() == "CompleteCommit"
    assert [marker for _, marker in markers_in(lab)] == [EndMarker(True, 0), EndMarker(True, 1)]


def test_what_was_not_prepared_is_still_open_and_ends_as_its_producer_says() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE

    lab.cluster.crash(1)
    lab.loaded(2)

    assert (lab.state, lab.describe().topics[0].topic) == ("Ongoing", "orders")
    lab.ended(pid, epoch, is_commit=False)
    assert markers_in(lab) == [(epoch + 1, EndMarker(False, 1))]


def test_who_is_fenced_stays_fenced_when_the_coordinator_fails() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    successor = lab.identity()

    lab.cluster.crash(1)
    lab.loaded(2)

    assert lab.add(pid, epoch) is Code.PRODUCER_FENCED
    assert lab.end(pid, epoch)[0] is Code.PRODUCER_FENCED
    assert lab.add(*successor) is Code.NONE


def test_a_producer_that_asks_again_after_a_failover_is_not_recognised_since_the_epoch_before_is_nowhere_written() -> (
    None
):
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.init(pid=pid, epoch=epoch) == (Code.NONE, pid, epoch + 1)

    lab.cluster.crash(1)
    lab.loaded(2)

    assert lab.init(pid=pid, epoch=epoch)[0] is Code.PRODUCER_FENCED
    assert lab.init(pid=pid, epoch=epoch + 1) == (Code.NONE, pid, epoch + 2)


def test_an_end_that_is_asked_again_after_a_failover_is_recognised_by_its_epoch() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    assert lab.ended(pid, epoch) == (pid, epoch + 1)

    lab.cluster.crash(1)
    lab.loaded(2)

    assert lab.end(pid, epoch) == (Code.NONE, pid, epoch + 1)
    assert lab.end(pid, epoch, is_commit=False)[0] is Code.INVALID_TXN_STATE
    assert written(lab) == [("Empty", 0), ("Ongoing", 0), ("PrepareCommit", 1), ("CompleteCommit", 1)]


def test_a_change_that_no_replica_has_is_not_decided_and_is_gone_with_the_coordinator() -> None:
    lab = TransactionLab(replica_lag_time_max_us=PATIENT_US)
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    for broker in ("b2", "b4"):
        lab.cluster.network.cut("b1", broker)
    asked = lab.send_end(pid, epoch)
    lab.run(0.5)
    assert asked not in lab.line.answers

    lab.cluster.crash(1)
    lab.cluster.network.open_all()
    lab.loaded(2)

    assert lab.state == "Ongoing"
    assert markers_in(lab) == []


def test_a_coordinator_that_leads_on_in_another_term_begins_again_and_its_markers_carry_the_new_term() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.pause(3)
    assert lab.end(pid, epoch)[0] is Code.NONE

    lab.cluster.move_leader(HOME, 2)
    lab.run(0.5)
    lab.cluster.move_leader(HOME, 1)
    lab.run(0.5)
    lab.cluster.resume(3)

    lab.loaded(1)
    assert lab.complete() == "CompleteCommit"
    assert lab.events(MarkersSent)[-1].coordinator_epoch == 2


def test_markers_follow_a_partition_to_its_next_leader() -> None:
    lab = TransactionLab(TopicConfig("orders", replicas=((3, 2, 1),)))
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.crash(3)
    lab.run(0.1)

    assert lab.end(pid, epoch)[0] is Code.NONE

    assert lab.complete() == "CompleteCommit"
    assert [event.target for event in lab.events(MarkersSent)][-1] == 2
    assert Code(lab.events(MarkerAnswered)[0].code) is Code.NETWORK_EXCEPTION


def test_a_marker_whose_partition_has_no_leader_waits_until_it_has_one() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.crash(3)
    lab.run(12)
    assert lab.cluster.leader_of(ORDERS) == -1

    assert lab.end(pid, epoch)[0] is Code.NONE
    lab.run(40)
    assert (lab.state, lab.events(MarkersSent)) == ("PrepareCommit", [])
    lab.cluster.restart(3)
    assert lab.settle()

    assert lab.complete() == "CompleteCommit"
    assert [event.target for event in lab.events(MarkersSent)] == [3]


def test_a_partition_that_is_deleted_needs_no_marker() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.delete_topic("orders")
    lab.run(1)

    assert lab.end(pid, epoch)[0] is Code.NONE

    assert lab.complete() == "CompleteCommit"
    assert lab.events(MarkersSent) == []


# -- what runs out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_transaction_whose_time_is_over_is_aborted_by_the_next_epoch(version: int) -> None:
    lab = TransactionLab(transaction_version=version)
    pid, epoch = lab.identity(timeout_ms=5_000)
    assert lab.add(pid, epoch) is Code.NONE
    began_us = lab.world.now_us

    event = lab.run_to(TransactionMoved, state="CompleteAbort")

    assert 5 * SECOND_US < event.at_us - began_us < 16 * SECOND_US
    assert event.producer_epoch == epoch + 1
    assert [(one.reason, one.producer_epoch) for one in lab.events(TransactionFenced)] == [("timed out", epoch)]
    assert [(at, marker.is_commit) for at, marker in markers_in(lab)] == [(epoch + 1, False)]
    assert lab.add(pid, epoch) is Code.PRODUCER_FENCED


def test_after_its_time_was_over_a_producer_of_kip_890_is_told_how_to_go_on() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity(timeout_ms=1_000)
    assert lab.add(pid, epoch) is Code.NONE
    lab.run_to(TransactionMoved, state="CompleteAbort")
    lab.run(0.1)

    assert lab.end(pid, epoch, is_commit=True)[0] is Code.INVALID_TXN_STATE
    assert lab.end(pid, epoch, is_commit=False) == (Code.NONE, pid, epoch + 1)
    assert lab.init(pid=pid, epoch=epoch) == (Code.NONE, pid, epoch + 1)


def test_a_transaction_that_is_open_ends_by_its_time_although_its_coordinator_failed() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity(timeout_ms=1_000)
    assert lab.add(pid, epoch) is Code.NONE

    lab.cluster.crash(1)
    event = lab.run_to(TransactionMoved, state="CompleteAbort")

    assert event.broker == 2


def test_a_fence_that_cannot_be_written_takes_one_epoch_when_it_can_and_is_told_once() -> None:
    lab = TransactionLab(replica_lag_time_max_us=PATIENT_US)
    pid, epoch = lab.identity(timeout_ms=1_000)
    assert lab.add(pid, epoch) is Code.NONE
    for broker in ("b2", "b4"):
        lab.cluster.network.cut("b1", broker)
    # Its record waits for replicas as long as the transaction may take, and is given up.
    lab.run(14)
    lab.cluster.network.open_all()

    event = lab.run_to(TransactionMoved, state="CompleteAbort")

    assert event.producer_epoch == epoch + 1
    # It was tried, and given up, more than once.
    assert [state for state, _ in written(lab)].count("PrepareAbort") >= 2
    assert [one.reason for one in lab.events(TransactionFenced)] == ["timed out"]


def test_an_id_that_nobody_uses_is_forgotten_and_an_open_one_is_not() -> None:
    lab = TransactionLab(
        transactional_id_expiration_us=20 * SECOND_US, transactional_id_expiration_interval_us=5 * SECOND_US
    )
    pid, epoch = lab.identity(timeout_ms=600_000)
    assert lab.add(pid, epoch) is Code.NONE
    lab.run(40)
    assert lab.state == "Ongoing"
    lab.ended(pid, epoch)

    lab.run_to(TransactionMoved, state="Dead")
    lab.run(0.1)

    assert Code(lab.describe().error_code) is Code.TRANSACTIONAL_ID_NOT_FOUND
    lab.cluster.crash(1)
    lab.loaded(2)
    assert Code(lab.describe().error_code) is Code.TRANSACTIONAL_ID_NOT_FOUND
