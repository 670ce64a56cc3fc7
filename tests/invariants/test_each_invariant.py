"""Each invariant sees its own harm, done by hand to files, to memory and to decisions of a cluster that is all right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.compacted_batch import compacted
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from producer.wire.record_batch import decode_records, read_header
from sim.cluster.broker.log_directory import log_file
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.retention import TOO_OLD, remove_segments
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.record_kinds import current_record
from sim.cluster.coordinators.groups.consumer_protocol import Placed, write_assignment
from sim.cluster.coordinators.groups.record_kinds import group_record, offset_record
from sim.cluster.coordinators.groups.records import (
    GroupMetadataValue,
    MemberMetadata,
    OffsetCommitKey,
    OffsetCommitValue,
)
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.shard import CoordinatorRecord, Outcome
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.cluster.stored_batch import StoredBatch
from sim.judges.invariants import INVARIANTS, InvariantError
from sim.trace.events import (
    BatchReplicated,
    BrokerRegistered,
    CommitAnswered,
    GroupMemberBegan,
    LeaderElected,
    LogStartAdvanced,
    OffsetFetchAnswered,
    OffsetsGiven,
    SegmentsCleaned,
    TransactionMoved,
)
from sim.world.disk import DiskFile
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch
from tests.unit.sim.transactional_writer import batch, end, write

PRODUCER = 7


class Bench(Lab):
    """A settled cluster with one partition on three brokers, and three batches in it, all of them committed."""

    def __init__(self, *, is_harmed: bool = True) -> None:
        super().__init__(is_harmed=is_harmed, transaction_partition_verification=False)
        self.leader = self.cluster.leader_of(ORDERS)
        self.follower, self.other = self.cluster.followers_of(ORDERS)
        self.connection = self.client.connect(self.leader)
        self.sequence = 0
        for _ in range(3):
            self.send()

    def send(self) -> None:
        # An old batch would be one of a producer that may be forgotten.
        now_ms = (self.cluster.epoch_us + self.world.now_us) // 1_000
        send_batch(self.connection, b"x", identity=(PRODUCER, 0), sequence=self.sequence, timestamp_ms=now_ms)
        self.sequence += 1
        self.run(1)

    def file(self, broker: int) -> DiskFile[StoredBatch]:
        return log_file(self.cluster.brokers[broker].disk.directories[0], ORDERS)

    def replica(self, broker: int) -> Partition:
        process = self.cluster.brokers[broker].process
        assert process is not None
        return process.replicas.partitions[ORDERS]


def a_disk_loses_a_batch_without_a_word(bench: Bench) -> None:
    bench.file(bench.follower).entries.pop()
    bench.send()


def a_broker_dies_and_its_disk_is_another_when_it_starts(bench: Bench) -> None:
    bench.cluster.crash(bench.follower)
    bench.file(bench.follower).entries.clear()
    bench.cluster.restart(bench.follower)


def a_byte_of_a_copy_is_another(bench: Bench) -> None:
    entries = bench.file(bench.follower).entries
    entries[-1] = entries[-1]._replace(data=entries[-1].data[:-2] + b"y\x00")
    bench.send()


def two_bits_flip_where_one_is_told_of(bench: Bench) -> None:
    entries = bench.file(bench.follower).entries
    entries[1] = entries[1]._replace(data=entries[1].data[:-2] + b"y\x00")
    bench.cluster.flip_bit(bench.follower, ORDERS, 1)


def a_follower_copies_what_has_gone_bad(bench: Bench) -> None:
    bench.cluster.network.cut(f"b{bench.follower}")
    bench.send()
    bench.cluster.flip_bit(bench.leader, ORDERS, 3)
    (bad,) = bench.file(bench.leader).entries[3:]
    replica = bench.replica(bench.follower)
    replica.log.append_stored(bad)
    bench.trace.emit(
        BatchReplicated(bench.world.now_us, bench.follower, *ORDERS, 3, 3, bad.leader_epoch, bad.header.crc)
    )


def a_follower_cuts_off_what_is_committed(bench: Bench) -> None:
    bench.replica(bench.follower).truncate(1, "a bug")


def a_replica_takes_for_committed_what_nobody_else_has(bench: Bench) -> None:
    bench.cluster.network.cut(f"b{bench.leader}")
    replica = bench.replica(bench.follower)
    last = bench.file(bench.follower).entries[-1]
    replica.log.append(last.header._replace(base_offset=3), last.data, last.leader_epoch)
    bench.watch._chronicle.seen_on(bench.follower, ORDERS).append(bench.file(bench.follower).entries[-1])
    replica.set_high_watermark(4)


def a_leader_without_everything_is_elected(bench: Bench) -> None:
    bench.replica(bench.follower).log.truncate(0)
    bench.cluster.move_leader(ORDERS, bench.follower)


def a_member_of_the_isr_lacks_what_is_committed(bench: Bench) -> None:
    bench.replica(bench.follower).log.truncate(0)
    bench.cluster.shrink_isr(ORDERS, (bench.other,), 60_000_000)
    bench.run(0.1)


def a_stranger_is_in_the_isr(bench: Bench) -> None:
    state = bench.cluster.controller.replication.state_of(ORDERS)
    bench.trace.emit(
        LeaderElected(bench.world.now_us, *ORDERS, bench.leader, 9, (*state.isr, 8), state.replicas, (), False)
    )


def a_high_watermark_falls(bench: Bench) -> None:
    bench.replica(bench.leader).log.high_watermark -= 1
    bench.send()


def a_high_watermark_lies_beyond_the_log(bench: Bench) -> None:
    bench.replica(bench.leader).log.high_watermark += 5
    bench.send()


def a_follower_forgets_its_producers(bench: Bench) -> None:
    bench.replica(bench.follower).log.producers.clear()
    bench.send()


def a_new_leader_has_forgotten_its_producers(bench: Bench) -> None:
    bench.replica(bench.follower).log.producers.clear()
    bench.cluster.move_leader(ORDERS, bench.follower)
    bench.run(0.1)


def an_epoch_is_elected_twice(bench: Bench) -> None:
    state = bench.cluster.controller.replication.state_of(ORDERS)
    bench.trace.emit(LeaderElected(bench.world.now_us, *ORDERS, bench.leader, 0, state.isr, state.replicas, (), False))


def a_broker_leads_that_nobody_elected(bench: Bench) -> None:
    state = bench.cluster.controller.replication.state_of(ORDERS)
    bench.replica(bench.follower).apply(
        replace(state, leader=bench.follower, leader_epoch=5, partition_epoch=state.partition_epoch + 1)
    )


def a_registration_takes_an_epoch_that_was_there(bench: Bench) -> None:
    bench.trace.emit(BrokerRegistered(bench.world.now_us, 1, 1))


def a_log_begins_above_its_high_watermark(bench: Bench) -> None:
    bench.replica(bench.follower).log.high_watermark = 1
    bench.replica(bench.follower).log.start_offset = 2
    bench.trace.emit(LogStartAdvanced(bench.world.now_us, bench.follower, *ORDERS, 2, "records deleted"))


def _cleans(bench: Bench, left: list[StoredBatch], removed: tuple[int, ...]) -> None:
    bench.replica(bench.follower).log.replace_segments(0, 3, left)
    told = tuple((stored.base_offset, stored.header.crc) for stored in left)
    bench.trace.emit(SegmentsCleaned(bench.world.now_us, bench.follower, *ORDERS, 0, 3, 0, told, removed))


def a_cleaner_takes_what_a_producer_wrote_last(bench: Bench) -> None:
    bench.replica(bench.follower).log.roll(3)
    _cleans(bench, [], (0, 1, 2))


def a_cleaner_takes_more_than_it_tells_of(bench: Bench) -> None:
    bench.replica(bench.follower).log.roll(3)
    _cleans(bench, bench.file(bench.follower).entries[2:], (0,))


def a_cleaner_cleans_the_segment_that_is_written_to(bench: Bench) -> None:
    _cleans(bench, bench.file(bench.follower).entries[2:], (0, 1))


def a_cleaner_changes_a_record(bench: Bench) -> None:
    bench.replica(bench.follower).log.roll(3)
    first, second, third = bench.file(bench.follower).entries
    changed = compacted(first.header, [decode_records(first.data)[0]._replace(value=b"y")])
    _cleans(bench, [first._replace(header=read_header(changed), data=changed), second, third], ())


def a_replica_removes_what_is_not_old_yet(bench: Bench) -> None:
    partition = bench.replica(bench.follower)
    partition.log.roll(3)
    process = bench.cluster.brokers[bench.follower].process
    assert process is not None
    remove_segments(process, partition, partition.log, 1, TOO_OLD)


def find_coordinator(bench: Bench) -> TopicPartition:
    """Let there be `__consumer_offsets`. Gives the partition of the group."""
    request = FindCoordinatorRequest(coordinator_keys=("app",))
    while bench.connection.call(ApiKey.FIND_COORDINATOR, request).coordinators[0].error_code:
        bench.run(0.1)
    return TopicPartition(CONSUMER_OFFSETS, partition_for("app", bench.cluster.config.offsets_topic_partitions))


def committed_for_group(bench: Bench, *records: CoordinatorRecord) -> None:
    """Let the coordinator write records for no reason."""
    place = find_coordinator(bench)
    bench.run(1)
    process = bench.cluster.brokers[bench.cluster.leader_of(place)].process
    assert process is not None
    codes: list[object] = []
    process.groups.runtime.write(
        place.partition, lambda _: Outcome(records=records), answer=codes.append, refuse=codes.append
    )
    bench.run(1)
    assert codes == [None]


def two_members_of_a_group_have_one_partition(bench: Bench) -> None:
    member = ConsumerMember("one", member_epoch=1, assigned={b"t" * 16: {0: 1}})
    other = ConsumerMember("two", member_epoch=1, revoking={b"t" * 16: {0: 1}})
    committed_for_group(bench, current_record("app", member), current_record("app", other))


def the_leader_of_a_group_assigns_a_partition_twice(bench: Bench) -> None:
    assignment = write_assignment([Placed("orders", (0,))], 0)
    members = tuple([MemberMetadata(member_id=name, assignment=assignment) for name in ("one", "two")])
    committed_for_group(bench, group_record("app", GroupMetadataValue("consumer", 1, "range", "one", members=members)))


def a_group_has_a_position_that_nobody_committed(bench: Bench) -> None:
    bench.trace.emit(GroupMemberBegan(bench.world.now_us, "one", "app", "orders", "classic", "earliest"))
    committed_for_group(bench, offset_record(OffsetCommitKey("app", "orders", 0), OffsetCommitValue(3)))


def a_member_is_told_that_is_remembered_what_is_not_committed(bench: Bench) -> None:
    bench.trace.emit(CommitAnswered(bench.world.now_us, "one", "app", 1, *ORDERS, 3, 0))


def _transact(bench: Bench) -> None:
    """Begin a transaction; there is no coordinator, and no leader asks for one."""
    now_ms = (bench.cluster.epoch_us + bench.world.now_us) // 1_000
    records = batch(PRODUCER + 1, 0, 0, timestamp_ms=now_ms)
    assert write(bench.connection, records, name="transfer", version=11).error_code == Code.NONE
    bench.run(1)


def a_replica_gives_what_is_undecided(bench: Bench) -> None:
    _transact(bench)
    bench.replica(bench.leader).log.producers.transactions.clear()
    bench.send()


def a_replica_tells_nobody_of_an_aborted_transaction(bench: Bench) -> None:
    _transact(bench)
    assert end(bench.connection, PRODUCER + 1, 0, is_commit=False, version=1) is Code.NONE
    bench.replica(bench.leader).log.transaction_index.clear()
    bench.send()


def a_coordinator_that_was_replaced_ends_a_transaction(bench: Bench) -> None:
    _transact(bench)
    assert end(bench.connection, PRODUCER + 1, 0, coordinator_epoch=5, version=1) is Code.NONE
    bench.replica(bench.leader).log.producers._producers[PRODUCER + 1].coordinator_epoch = 0
    assert end(bench.connection, PRODUCER + 1, 0, coordinator_epoch=4, version=1) is Code.NONE


def _moved(bench: Bench, before: str, state: str, producer_epoch: int) -> None:
    bench.trace.emit(TransactionMoved(bench.world.now_us, 1, "transfer", before, state, PRODUCER, producer_epoch, ()))


def a_producer_that_was_shut_out_comes_back(bench: Bench) -> None:
    _moved(bench, "", "Empty", 4)
    _moved(bench, "Empty", "Empty", 5)
    _moved(bench, "Empty", "Ongoing", 4)


def a_transaction_is_complete_that_was_not_prepared(bench: Bench) -> None:
    _moved(bench, "", "Empty", 4)
    _moved(bench, "Ongoing", "CompleteCommit", 4)


def a_group_is_told_of_a_position_that_a_transaction_holds(bench: Bench) -> None:
    place = find_coordinator(bench)
    bench.run(1)
    position = TxnOffsetCommitRequestTopic("orders", (TxnOffsetCommitRequestPartition(0, 9),))
    wanted = TxnOffsetCommitRequest("transfer", "app", PRODUCER + 1, 0, topics=(position,))
    line = bench.client.connect(bench.cluster.leader_of(place))
    assert line.call(ApiKey.TXN_OFFSET_COMMIT, wanted, 3).topics[0].partitions[0].error_code == Code.NONE
    bench.run(1)
    bench.trace.emit(OffsetFetchAnswered(bench.world.now_us, 1, "c1", 1, 1, "app", *ORDERS, 9, is_stable=False))


HARMS: dict[str, list[Callable[[Bench], None]]] = {
    "compaction": [
        a_cleaner_takes_what_a_producer_wrote_last,
        a_cleaner_takes_more_than_it_tells_of,
        a_cleaner_cleans_the_segment_that_is_written_to,
        a_cleaner_changes_a_record,
    ],
    "traced disks": [
        a_disk_loses_a_batch_without_a_word,
        a_broker_dies_and_its_disk_is_another_when_it_starts,
        two_bits_flip_where_one_is_told_of,
    ],
    "log matching": [a_byte_of_a_copy_is_another, a_follower_copies_what_has_gone_bad],
    "committed records": [a_follower_cuts_off_what_is_committed, a_replica_takes_for_committed_what_nobody_else_has],
    "leader completeness": [a_leader_without_everything_is_elected],
    "in-sync replicas": [a_member_of_the_isr_lacks_what_is_committed, a_stranger_is_in_the_isr],
    "high watermark": [a_high_watermark_falls, a_high_watermark_lies_beyond_the_log],
    "producer state": [a_follower_forgets_its_producers, a_new_leader_has_forgotten_its_producers],
    "leader epochs": [an_epoch_is_elected_twice, a_broker_leads_that_nobody_elected],
    "broker epochs": [a_registration_takes_an_epoch_that_was_there],
    "log start": [a_log_begins_above_its_high_watermark, a_replica_removes_what_is_not_old_yet],
    "group owners": [two_members_of_a_group_have_one_partition, the_leader_of_a_group_assigns_a_partition_twice],
    "group positions": [
        a_group_has_a_position_that_nobody_committed,
        a_member_is_told_that_is_remembered_what_is_not_committed,
    ],
    "last stable offset": [a_replica_gives_what_is_undecided, a_replica_tells_nobody_of_an_aborted_transaction],
    "marker epochs": [a_coordinator_that_was_replaced_ends_a_transaction],
    "transactional ids": [a_producer_that_was_shut_out_comes_back, a_transaction_is_complete_that_was_not_prepared],
    "transactional positions": [a_group_is_told_of_a_position_that_a_transaction_holds],
}


def test_every_invariant_has_its_harm() -> None:
    assert list(HARMS) == [invariant.NAME for invariant in INVARIANTS]
    assert all(invariant.PROMISE for invariant in INVARIANTS)


@pytest.mark.parametrize(
    "name, harm",
    [(name, harm) for name, harms in HARMS.items() for harm in harms],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_harm_is_seen_by_its_invariant(name: str, harm: Callable[[Bench], None]) -> None:
    bench = Bench()
    assert bench.watch.look()

    harm(bench)

    assert bench.watch.breach is not None
    assert bench.watch.breach.invariant == name
    assert not bench.watch.look()


def test_a_position_that_was_given_to_a_transaction_was_asked_for() -> None:
    bench = Bench()
    bench.trace.emit(OffsetsGiven(bench.world.now_us, "one", 1, "app", ((*ORDERS, 3),)))

    a_group_has_a_position_that_nobody_committed(bench)

    assert bench.watch.look()


def hidden(bench: Bench) -> None:
    """A byte in the middle of a copy: no event ever looks there."""
    entries = bench.file(bench.follower).entries
    entries[0] = entries[0]._replace(data=entries[0].data[:-2] + b"y\x00")
    bench.send()


def test_harm_where_no_event_looks_is_seen_when_everything_is_looked_at() -> None:
    bench = Bench()

    hidden(bench)
    before = bench.watch.breach
    bench.watch.look()
    after = bench.watch.breach

    assert before is None
    assert after is not None
    assert after.invariant == "log matching"


def test_a_lost_disk_excuses_until_its_broker_has_registered_and_is_filled_again() -> None:
    bench = Bench()
    chronicle = bench.watch._chronicle
    isr = (bench.leader, bench.follower, bench.other)

    chronicle.note_lost_disk(ORDERS, bench.follower)
    # What it lost was not committed yet. It may be by now: a Fetch of its last life may still be under way.
    assert chronicle.has_committed(ORDERS, bench.follower)
    assert chronicle.may_lack(ORDERS, bench.follower, isr)

    chronicle.note_registered(bench.follower)
    assert chronicle.has_committed(ORDERS, bench.follower)
    assert not chronicle.may_lack(ORDERS, bench.follower, isr)


def test_breach_names_the_event_and_ends_the_world() -> None:
    bench = Bench(is_harmed=False)
    bench.file(bench.follower).entries.pop()

    with pytest.raises(
        InvariantError, match=r"traced disks: by the trace orders-0 ends at 4 on b\d, and the file"
    ) as raised:
        bench.send()

    promise, event = raised.value.__notes__
    assert promise.startswith("the invariant: what the trace tells of a log is what lies on the disk")
    assert event.startswith("the event: BatchReplicated(at_us=")
    number = int(str(raised.value).rpartition("#")[2])
    assert event.endswith(repr(bench.trace[number]))


def test_first_breach_is_kept() -> None:
    bench = Bench()
    a_high_watermark_falls(bench)
    first = bench.watch.breach

    a_registration_takes_an_epoch_that_was_there(bench)

    assert first is not None
    assert bench.watch.breach is first
