"""What groups of foreign clients were told of their positions is held against what is stored, and against what they are told later."""

from __future__ import annotations

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.delete_groups import DeleteGroupsRequest
from sim.cluster.broker.log_directory import log_file
from sim.cluster.coordinators.groups.records import OffsetCommitKey, OffsetCommitValue
from sim.cluster.coordinators.keys import partition_for
from sim.faults import parse_fault
from sim.serve.account import Account
from sim.serve.judgement import judge
from sim.serve.positions import SINCE_MAX, LostPosition, Positions
from sim.trace.events import OffsetFetchAnswered
from tests.unit.sim.group_client import GROUP, OFFSETS, GroupLab
from tests.unit.sim.raw_client import ORDERS
from tests.unit.sim.transactional_offsets_client import OffsetsLab

HOME = TopicPartition(OFFSETS, partition_for(GROUP, 4))


class Watched(GroupLab):
    """A group whose positions are watched, of which it was told that the last is 7."""

    def __init__(self, *, is_harmed: bool = False) -> None:
        super().__init__(is_harmed=is_harmed)
        self.positions = Positions(self.cluster)
        assert self.commit(5) == Code.NONE
        assert self.commit(7) == Code.NONE

    @property
    def lost(self) -> list[LostPosition]:
        found, _ = self.positions.lost()
        return list(found)

    def forget_in_memory(self) -> None:
        """Let the coordinator take the group for one that stands at 5."""
        process = self.cluster.brokers[self.coordinator].process
        assert process is not None
        shard = process.groups.runtime.read(HOME.partition)
        shard.offsets.replay(OffsetCommitKey(GROUP, *ORDERS), OffsetCommitValue(5), -1)


def test_position_that_is_stored_as_it_was_remembered_is_as_it_should_be() -> None:
    lab = Watched()

    assert lab.position() == (Code.NONE, 7)
    assert (lab.positions.remembered, lab.lost) == (1, [])


def test_position_outlives_its_coordinator() -> None:
    lab = Watched()

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert lab.position(line, is_stable=True) == (Code.NONE, 7)
    assert lab.lost == []


def test_who_wants_no_stable_answer_may_be_told_by_a_new_coordinator_what_its_watermark_has_come_to() -> None:
    lab = Watched()
    told: list[int] = []
    lab.trace.watch(OffsetFetchAnswered, lambda event: told.append(event.offset))

    lab.cluster.crash(lab.coordinator)
    lab.loaded(broker=lab.coordinator % 3 + 1)

    assert 5 in told
    assert lab.lost == []


def test_position_that_is_on_no_disk_any_more_is_lost() -> None:
    lab = Watched(is_harmed=True)

    for broker in lab.cluster.brokers.values():
        log_file(broker.disk.directories[0], HOME).entries.pop()

    assert lab.lost == [LostPosition(GROUP, ORDERS, 7, 5, "")]


def test_answer_that_names_what_was_superseded_is_wrong() -> None:
    lab = Watched()

    lab.forget_in_memory()
    told = lab.position(is_stable=True)

    assert told == (Code.NONE, 5)
    assert lab.lost == [LostPosition(GROUP, ORDERS, 7, 5, "c1")]


def test_commit_whose_answer_was_lost_may_be_what_is_stored() -> None:
    lab = Watched()

    parse_fault(f"drop OffsetCommit x1 by b{lab.coordinator} then reset").inject(lab.cluster)
    lab.send_commit(9, line=lab.line)
    lab.run(1)

    line = lab.client.connect(lab.coordinator)
    assert lab.position(line) == (Code.NONE, 9)
    assert lab.lost == []


def test_group_that_goes_back_because_a_client_wants_it_has_lost_nothing() -> None:
    lab = Watched()

    assert lab.commit(2) == Code.NONE

    assert lab.position() == (Code.NONE, 2)
    assert lab.lost == []


def test_positions_of_a_group_that_an_administrator_deletes_are_not_missed() -> None:
    lab = Watched()

    lab.line.call(ApiKey.DELETE_GROUPS, DeleteGroupsRequest((GROUP,)))

    assert lab.position() == (Code.NONE, -1)
    assert lab.lost == []


def test_positions_that_nobody_leads_cannot_be_looked_up() -> None:
    lab = Watched()

    for broker in lab.cluster.brokers:
        lab.cluster.crash(broker)
    lab.run(20)

    assert lab.positions.lost() == ((), (HOME,))


def test_memory_does_not_grow_with_commits_that_nobody_is_told_of() -> None:
    lab = Watched()

    for _ in range(3):
        assert lab.commit(9, generation=3, member_id="nobody") in {Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION}

    known = lab.positions._known[GROUP, ORDERS]
    assert len(known.since) <= 3 < SINCE_MAX
    assert lab.lost == []


def test_verdict_of_a_served_cluster_tells_of_it() -> None:
    lab = GroupLab()
    account = Account(lab.cluster)
    assert lab.commit(7) == Code.NONE
    sound = judge(account, lab.cluster)

    account.positions.told_wrong.append(LostPosition(GROUP, ORDERS, 7, 5, "c1"))
    broken = judge(account, lab.cluster)

    assert (sound.state.value, sound.remembered_positions, sound.positions_lost) == ("holds", 1, ())
    assert broken.state.value == "violated"
    assert broken.as_json()["positions_lost"] == [
        {"group": GROUP, "partition": "orders-0", "remembered": 7, "found": 5, "told_to": "c1"}
    ]


# -- positions that transactions bring ---------------------------------------------------------------------------------


def watched_with_transactions(*, is_commit: bool) -> tuple[OffsetsLab, Positions]:
    """A group that was told that 7 is remembered, and whose transaction then brought 9."""
    lab = OffsetsLab()
    positions = Positions(lab.cluster)
    assert lab.group.commit(7) == Code.NONE
    lab.add_group()
    assert lab.write(9) == Code.NONE
    assert lab.told(is_stable=True) == (Code.UNSTABLE_OFFSET_COMMIT, -1)
    lab.finish(is_commit=is_commit)
    return lab, positions


def test_position_that_a_transaction_committed_is_none_that_was_lost() -> None:
    lab, positions = watched_with_transactions(is_commit=True)

    assert lab.told(is_stable=True) == (Code.NONE, 9)
    assert positions.lost() == ((), ())


def test_position_that_a_transaction_aborted_is_not_what_is_stored() -> None:
    lab, positions = watched_with_transactions(is_commit=False)

    assert lab.told(is_stable=True) == (Code.NONE, 7)
    assert positions.lost() == ((), ())
