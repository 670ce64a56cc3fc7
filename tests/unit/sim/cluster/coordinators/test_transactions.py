"""A transactional id at its coordinator: who has it, what is in its transaction, and how that ends, before KIP-890 and with it."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.add_partitions_to_txn import AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction
from sim.cluster.coordinators.transactions.metadata import LAST_EPOCH
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import MarkersSent, TransactionFenced, TransactionMoved, TransactionRefused
from tests.unit.sim.raw_client import ORDERS
from tests.unit.sim.transaction_client import TRANSACTION, VERSIONS, TransactionLab

NOBODYS = 987_654_321
SECOND = TopicPartition("orders", 1)
TWO_PARTITIONS = TopicConfig("orders", 2, replicas=((3, 2, 1), (2, 3, 1)))


def states(lab: TransactionLab) -> list[tuple[str, int]]:
    """Each state that the id came into, with its epoch."""
    return [(event.state, event.producer_epoch) for event in lab.events(TransactionMoved)]


# -- identities --------------------------------------------------------------------------------------------------------


def test_whoever_comes_anew_has_the_next_epoch_and_shuts_out_who_was_there() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()

    again = lab.identity()

    assert again == (pid, epoch + 1)
    assert lab.add(pid, epoch) is Code.PRODUCER_FENCED
    assert lab.add(*again) is Code.NONE


def test_who_names_its_identity_goes_on_with_the_next_epoch_and_is_told_the_same_if_it_asks_again() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()

    bumped = lab.init(pid=pid, epoch=epoch)

    assert bumped == (Code.NONE, pid, epoch + 1)
    assert lab.init(pid=pid, epoch=epoch) == bumped
    assert lab.init(pid=pid, epoch=epoch + 9)[0] is Code.PRODUCER_FENCED
    assert lab.init(pid=NOBODYS, epoch=0)[0] is Code.PRODUCER_FENCED


def test_an_older_client_is_told_of_an_invalid_epoch_where_it_is_fenced() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    lab.identity()

    assert lab.init(pid=pid, epoch=epoch, version=3)[0] is Code.INVALID_PRODUCER_EPOCH
    assert lab.init(pid=pid, epoch=epoch, version=4)[0] is Code.PRODUCER_FENCED
    assert lab.add(pid, epoch, version=1) is Code.INVALID_PRODUCER_EPOCH
    assert lab.add(pid, epoch, version=2) is Code.PRODUCER_FENCED
    assert [event.code for event in lab.events(TransactionRefused, api="AddPartitionsToTxn")] == [
        Code.PRODUCER_FENCED
    ] * 2


@pytest.mark.parametrize(
    ("timeout_ms", "code"),
    [
        (0, Code.INVALID_TRANSACTION_TIMEOUT),
        (-1, Code.INVALID_TRANSACTION_TIMEOUT),
        (1, Code.NONE),
        (5_000, Code.NONE),
        (5_001, Code.INVALID_TRANSACTION_TIMEOUT),
    ],
)
def test_a_transaction_may_take_as_long_as_the_broker_allows_and_no_longer(timeout_ms: int, code: Code) -> None:
    lab = TransactionLab(transaction_max_timeout_us=5_000_000)
    lab.identity(timeout_ms=1_000)

    assert lab.init(timeout_ms=timeout_ms)[0] is code


def test_an_identity_without_half_of_itself_and_an_empty_name_are_invalid() -> None:
    lab = TransactionLab()
    lab.identity()

    assert lab.init(pid=5)[0] is Code.INVALID_REQUEST
    assert lab.init(epoch=5)[0] is Code.INVALID_REQUEST
    assert lab.init(name="")[0] is Code.INVALID_REQUEST
    assert lab.add(0, 0, name="") is Code.INVALID_REQUEST
    assert lab.end(0, 0, name="")[0] is Code.INVALID_REQUEST
    assert Code(lab.describe("").error_code) is Code.INVALID_REQUEST


def test_a_broker_that_does_not_coordinate_sends_everybody_elsewhere() -> None:
    lab = TransactionLab()
    other = lab.client.connect(2)

    assert lab.init(line=other)[0] is Code.NOT_COORDINATOR
    assert lab.add(1, 0, line=other) is Code.NOT_COORDINATOR
    assert lab.end(1, 0, line=other)[0] is Code.NOT_COORDINATOR
    assert Code(lab.describe(line=other).error_code) is Code.NOT_COORDINATOR
    assert [lab.found(broker=broker) for broker in (1, 2, 3)] == [1, 1, 1]


# -- partitions --------------------------------------------------------------------------------------------------------


def test_partitions_are_added_by_who_has_the_id_and_to_a_topic_that_there_is() -> None:
    lab = TransactionLab(TWO_PARTITIONS)
    pid, epoch = lab.identity()

    assert lab.add(pid, epoch, name="unknown") is Code.INVALID_PRODUCER_ID_MAPPING
    assert lab.add(NOBODYS, epoch) is Code.INVALID_PRODUCER_ID_MAPPING
    assert lab.add(pid, epoch + 1) is Code.PRODUCER_FENCED
    assert lab.add(pid, epoch, ORDERS, TopicPartition("absent", 0)) is Code.OPERATION_NOT_ATTEMPTED
    assert lab.add(pid, epoch, TopicPartition("absent", 0)) is Code.UNKNOWN_TOPIC_OR_PARTITION
    assert lab.state == "Empty"
    assert lab.add(pid, epoch, ORDERS, SECOND) is Code.NONE
    told = lab.describe()
    assert (told.transaction_state, [(one.topic, one.partitions) for one in told.topics]) == (
        "Ongoing",
        [("orders", (0, 1))],
    )


def test_a_partition_that_is_in_the_transaction_already_is_written_once() -> None:
    lab = TransactionLab(TWO_PARTITIONS)
    pid, epoch = lab.identity()

    for tps in ((ORDERS,), (ORDERS,), (ORDERS, SECOND), (SECOND,)):
        assert lab.add(pid, epoch, *tps) is Code.NONE

    assert states(lab) == [("Empty", 0), ("Ongoing", 0), ("Ongoing", 0)]


def test_brokers_add_and_verify_for_several_transactions_at_once() -> None:
    lab = TransactionLab(TWO_PARTITIONS)
    pid, epoch = lab.identity()
    topics = (AddPartitionsToTxnTopic("orders", (0,)),)
    wanted = (
        AddPartitionsToTxnTransaction(TRANSACTION, pid, epoch + 1, topics=topics),
        AddPartitionsToTxnTransaction(TRANSACTION, pid, epoch, topics=topics),
        AddPartitionsToTxnTransaction(TRANSACTION, pid, epoch + 1, topics=topics),
        AddPartitionsToTxnTransaction("unknown", pid, epoch, True, topics),
    )

    told = lab.add_several(*wanted)

    codes = [Code(one.topic_results[0].results_by_partition[0].partition_error_code) for one in told]
    assert codes == [
        Code.PRODUCER_FENCED, Code.NONE, Code.CONCURRENT_TRANSACTIONS, Code.INVALID_PRODUCER_ID_MAPPING,
    ]  # fmt: skip
    assert [one.transactional_id for one in told] == [TRANSACTION, TRANSACTION, TRANSACTION, "unknown"]
    assert lab.verify(pid, epoch) is Code.NONE
    assert lab.verify(pid, epoch, SECOND) is Code.TRANSACTION_ABORTABLE
    assert lab.verify(pid, epoch + 1) is Code.PRODUCER_FENCED
    assert lab.verify(NOBODYS, epoch) is Code.INVALID_PRODUCER_ID_MAPPING
    assert lab.add_several() == ()


# -- ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_commit", [True, False])
def test_before_kip_890_a_transaction_keeps_its_epoch(is_commit: bool) -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE

    lab.ended(pid, epoch, is_commit=is_commit, client_version=0)

    end = "Commit" if is_commit else "Abort"
    assert states(lab) == [("Empty", 0), ("Ongoing", 0), (f"Prepare{end}", 0), (f"Complete{end}", 0)]
    sent = lab.events(MarkersSent)
    assert [(one.target, one.partitions, one.producer_epoch, one.is_commit) for one in sent] == [
        (3, ("orders-0",), 0, is_commit)
    ]


def test_with_kip_890_each_transaction_has_an_epoch_of_its_own_and_its_markers_the_next() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()

    for _ in range(2):
        assert lab.add(pid, epoch) is Code.NONE
        pid, epoch = lab.ended(pid, epoch)

    assert epoch == 2
    assert [one.producer_epoch for one in lab.events(MarkersSent)] == [1, 2]
    assert states(lab)[1:] == [
        ("Ongoing", 0), ("PrepareCommit", 1), ("CompleteCommit", 1),
        ("Ongoing", 1), ("PrepareCommit", 2), ("CompleteCommit", 2),
    ]  # fmt: skip


_NONE, _FENCED, _STATE, _BUSY = (
    Code.NONE, Code.PRODUCER_FENCED, Code.INVALID_TXN_STATE, Code.CONCURRENT_TRANSACTIONS,
)  # fmt: skip
ENDS = {
    # state: (V1 commit, V1 abort), then V2 (commit, abort) with the epoch of now, and (commit, abort) with the one before.
    "Empty": (_STATE, _STATE, _STATE, "bumped", _FENCED, _FENCED),
    "Ongoing": ("ended", "ended", "bumped", "bumped", _FENCED, _FENCED),
    "PrepareCommit": (_BUSY, _BUSY, _BUSY, _BUSY, _BUSY, _BUSY),
    "PrepareAbort": (_BUSY, _BUSY, _BUSY, _BUSY, _BUSY, _BUSY),
    "CompleteCommit": (_NONE, _STATE, _STATE, "bumped", _NONE, _STATE),
    "CompleteAbort": (_STATE, _NONE, _STATE, "bumped", _STATE, _NONE),
}
"""What EndTxn comes to. The tables of TransactionCoordinator; a prepared id has a change on its way, which is told first."""
CASES = [
    (state, version, is_commit, is_again, expected)
    for state, row in ENDS.items()
    for (version, is_commit, is_again), expected in zip(
        [(0, True, False), (0, False, False), (2, True, False), (2, False, False), (2, True, True), (2, False, True)],
        row,
        strict=True,
    )
]  # fmt: skip


@pytest.mark.parametrize(("state", "version", "is_commit", "is_again", "expected"), CASES)
def test_every_end_in_every_state(state: str, version: int, is_commit: bool, is_again: bool, expected: object) -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    if state == "Empty":
        pid, epoch = lab.init(pid=pid, epoch=epoch)[1:]
    else:
        assert lab.add(pid, epoch) is Code.NONE
        if state == "Ongoing":
            pid, epoch = lab.ended(pid, epoch)
            assert lab.add(pid, epoch) is Code.NONE
        else:
            if state.startswith("Prepare"):
                lab.cluster.pause(3)
            _, pid, epoch = lab.end(pid, epoch, is_commit=state.endswith("Commit"))
            if state.startswith("Complete"):
                lab.complete()
    assert lab.state == state

    code, next_pid, next_epoch = lab.end(pid, epoch - is_again, is_commit=is_commit, client_version=version)

    if expected == "ended":
        assert code is Code.NONE
        assert lab.complete() == ("CompleteCommit" if is_commit else "CompleteAbort")
        assert lab.describe().producer_epoch == epoch
    elif expected == "bumped":
        assert (code, next_pid, next_epoch) == (Code.NONE, pid, epoch + 1)
        assert lab.complete() == ("CompleteCommit" if is_commit else "CompleteAbort")
    else:
        assert code is expected
        assert lab.state == state
        if version == 2:
            assert (next_pid, next_epoch) == ((pid, epoch) if expected is Code.NONE else (-1, -1))


def test_whoever_ends_the_transaction_of_another_is_refused() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE

    for version in VERSIONS:
        assert lab.end(pid, epoch, name="unknown", client_version=version)[0] is Code.INVALID_PRODUCER_ID_MAPPING
        assert lab.end(NOBODYS, epoch, client_version=version)[0] is Code.INVALID_PRODUCER_ID_MAPPING
        assert lab.end(pid, epoch + 1, client_version=version)[0] is Code.PRODUCER_FENCED
    assert lab.state == "Ongoing"


def test_while_a_transaction_ends_nothing_else_begins() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE
    lab.cluster.pause(3)
    _, pid, epoch = lab.end(pid, epoch)

    assert lab.add(pid, epoch) is Code.CONCURRENT_TRANSACTIONS
    assert lab.verify(pid, epoch) is Code.CONCURRENT_TRANSACTIONS
    assert lab.init()[0] is Code.CONCURRENT_TRANSACTIONS

    lab.cluster.resume(3)
    lab.complete()
    assert lab.add(pid, epoch) is Code.NONE


def test_while_a_change_is_on_its_way_to_the_replicas_nothing_else_begins() -> None:
    lab = TransactionLab(replica_lag_time_max_us=60_000_000)
    pid, epoch = lab.identity()
    lab.cluster.pause(2)
    first = lab.send_add(pid, epoch)
    lab.run(0.1)
    other = lab.client.connect(1)

    told = lab.add(pid, epoch, line=other), lab.init(line=other)[0], lab.end(pid, epoch, line=other)[0]

    assert told == (Code.CONCURRENT_TRANSACTIONS,) * 3
    for stranger in ((pid, epoch + 1), (NOBODYS, epoch)):
        # What is on its way may make it the one that may.
        assert lab.add(*stranger, line=other) is Code.CONCURRENT_TRANSACTIONS
        assert lab.end(*stranger, line=other)[0] is Code.CONCURRENT_TRANSACTIONS
    assert lab.end(pid, epoch + 1, client_version=0, line=other)[0] is Code.PRODUCER_FENCED
    assert lab.end(NOBODYS, epoch, client_version=0, line=other)[0] is Code.INVALID_PRODUCER_ID_MAPPING
    assert first not in lab.line.answers
    lab.cluster.resume(2)
    assert lab.line.wait(first) is not None
    assert lab.state == "Ongoing"


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_successor_ends_what_its_predecessor_left_open_and_shuts_it_out(version: int) -> None:
    lab = TransactionLab(transaction_version=version)
    pid, epoch = lab.identity()
    assert lab.add(pid, epoch) is Code.NONE

    code = lab.init()[0]
    successor = lab.identity()

    assert code is Code.CONCURRENT_TRANSACTIONS
    assert successor == (pid, epoch + 2)
    assert [(one.producer_epoch, one.reason) for one in lab.events(TransactionFenced)] == [(epoch, "another producer")]
    assert [(one.producer_epoch, one.is_commit) for one in lab.events(MarkersSent)] == [(epoch + 1, False)]
    assert lab.add(pid, epoch) is Code.PRODUCER_FENCED


def test_epochs_run_out_and_the_producer_goes_on_under_another_id() -> None:
    lab = TransactionLab()
    pid, _ = lab.identity()
    known = lab.known()
    known.metadata = known.metadata._replace(producer_epoch=LAST_EPOCH)
    assert lab.add(pid, LAST_EPOCH) is Code.NONE

    next_pid, next_epoch = lab.ended(pid, LAST_EPOCH)

    assert next_pid != pid
    assert next_epoch == 0
    assert [one.producer_epoch for one in lab.events(MarkersSent)] == [LAST_EPOCH + 1]
    # Made again, under the identity of before, it is recognised.
    assert lab.end(pid, LAST_EPOCH) == (Code.NONE, next_pid, 0)
    assert lab.add(next_pid, 0) is Code.NONE


def test_who_goes_on_under_another_id_waits_until_the_markers_of_the_last_one_are_written() -> None:
    lab = TransactionLab()
    pid, _ = lab.identity()
    known = lab.known()
    known.metadata = known.metadata._replace(producer_epoch=LAST_EPOCH)
    assert lab.add(pid, LAST_EPOCH) is Code.NONE
    lab.cluster.pause(3)
    _, next_pid, next_epoch = lab.end(pid, LAST_EPOCH)

    assert lab.add(next_pid, next_epoch) is Code.CONCURRENT_TRANSACTIONS
    assert lab.end(next_pid, next_epoch, is_commit=False)[0] is Code.CONCURRENT_TRANSACTIONS

    lab.cluster.resume(3)
    lab.complete()
    assert lab.add(next_pid, next_epoch) is Code.NONE


# -- what is told ------------------------------------------------------------------------------------------------------


def test_ids_are_listed_by_state_producer_duration_and_pattern() -> None:
    lab = TransactionLab()
    pid, epoch = lab.identity()
    lab.identity(name="idle")
    assert lab.add(pid, epoch) is Code.NONE
    lab.run(2)
    here = [name for name, _ in lab.listed()]

    assert ("transfer", "Ongoing") in lab.listed()
    assert lab.listed(state_filters=("Ongoing",)) == [("transfer", "Ongoing")]
    assert lab.listed(producer_id_filters=(pid,)) == [("transfer", "Ongoing")]
    assert lab.listed(duration_filter=1_000)[0][0] in here
    assert ("transfer", "Ongoing") not in lab.listed(duration_filter=60_000)
    assert lab.listed(transactional_id_pattern="trans.*") == [("transfer", "Ongoing")]
    assert lab.listed(transactional_id_pattern="trans") == []
    assert Code(lab.describe("unknown").error_code) is Code.TRANSACTIONAL_ID_NOT_FOUND
