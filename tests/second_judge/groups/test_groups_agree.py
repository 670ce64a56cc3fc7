"""Two judges agree on stories in which groups read, lies included; they do not where the first has a bug."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from producer.records import TopicPartition
from sim.cluster.coordinators.groups.record_kinds import offset_record, offset_tombstone
from sim.cluster.coordinators.groups.records import OffsetCommitKey, OffsetCommitValue
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.explore.kinds import KINDS
from sim.judges.guarantees import GUARANTEES
from sim.trace.events import (
    CommitAnswered,
    GroupMemberBegan,
    GroupMemberHeard,
    GroupMemberLeft,
    PartitionAssigned,
    PartitionGivenUp,
    PositionCommitted,
    PositionFetched,
    ReaderMoved,
    RecordRead,
    TopicDeleted,
)
from tests.builds import pure_only
from tests.second_judge.audits.judge import JUDGES as OF_AUDITS
from tests.second_judge.detection import undetected
from tests.second_judge.disks import NOBODY, Line, Log
from tests.second_judge.governance.judge import JUDGES as OF_GOVERNANCE
from tests.second_judge.groups.agreement import judged
from tests.second_judge.groups.bugs import BUGS
from tests.second_judge.groups.company import LIES
from tests.second_judge.groups.files import Place, stored_positions
from tests.second_judge.groups.judge import JUDGES, OF_GROUPS, Evidence, Files
from tests.second_judge.groups.stories import CASTS, WORLDS, small
from tests.second_judge.quotas.judge import JUDGES as OF_QUOTAS
from tests.second_judge.schemas.judge import JUDGES as OF_SCHEMAS
from tests.second_judge.transactions.judge import JUDGES as OF_TRANSACTIONS

pytestmark = pure_only("a member tells its lies in place of its own words")

RUNS = 40
"""Here; `make agree RUNS=20000` judges as many as one likes."""
TELLING = (0, 2, 6, 13, 19, 70, 82)
"""Stories in which the planted bugs tell: looked at first."""
BUGS_RUNS_MAX = 400
BUGS_MIN = 4
DRAWN, CASTS_ASKED = 1_000, 8

told = cache(judged)


@pytest.mark.parametrize("begin", range(0, RUNS, 10))
def test_two_judges_agree(begin: int) -> None:
    assert [one for number in range(begin, begin + 10) for one in told(number).differences()] == []


def test_two_judges_agree_where_nobody_can_read_what_is_stored() -> None:
    # Story 150: a bit of the first batch of `__consumer_offsets` flipped, and the oracle took for forgotten what no reader got to.
    story = told(150)

    assert any(topic == CONSUMER_OFFSETS for topic, _ in story.second["unread"])
    assert not story.second["forgotten"]
    assert story.differences() == []


def test_every_planted_bug_of_these_judges_makes_the_two_differ() -> None:
    assert len(BUGS) >= BUGS_MIN
    assert undetected(BUGS, (*TELLING, *range(BUGS_RUNS_MAX)), told) == []


def test_every_promise_has_a_second_judge() -> None:
    others = OF_SCHEMAS.keys() | OF_GOVERNANCE.keys() | OF_QUOTAS.keys() | OF_AUDITS.keys()
    assert JUDGES.keys() | OF_TRANSACTIONS.keys() | others == GUARANTEES.keys()
    assert not JUDGES.keys() & OF_TRANSACTIONS.keys()


def test_every_kind_of_fault_is_drawn_where_groups_read() -> None:
    # Of a few casts only: for each, what happens in it undisturbed is looked at first.
    numbers = [
        number for number in range(DRAWN * CASTS * WORLDS // CASTS_ASKED) if number % (CASTS * WORLDS) < CASTS_ASKED
    ]
    drawn = {type(entry.fault) for number in numbers for entry in small(number).scenario.schedule}

    assert {one for kind in KINDS.values() for one in kind.faults} <= drawn


def test_every_lie_is_told_about_members_or_to_them() -> None:
    assert len({lie.name for lie in LIES}) == len(LIES)
    assert all(lie.says or lie.given or lie.shard for lie in LIES)


# -- the second judge itself -------------------------------------------------------------------------------------------

ORDERS = TopicPartition("orders", 0)
POSITIONS = TopicPartition(CONSUMER_OFFSETS, 0)


def began(client: str, group: str = "app") -> GroupMemberBegan:
    return GroupMemberBegan(0, client, group, "orders", "consumer", "earliest")


def assigned(at_us: int, client: str, epoch: int, group: str = "app") -> PartitionAssigned:
    return PartitionAssigned(at_us, client, group, client, epoch, *ORDERS)


def gave_up(at_us: int, client: str) -> PartitionGivenUp:
    return PartitionGivenUp(at_us, client, "app", client, *ORDERS, "revoked")


def heard(at_us: int, client: str, epoch: int, *, asked_us: int) -> GroupMemberHeard:
    return GroupMemberHeard(at_us, client, "app", client, epoch, asked_us)


def asked(at_us: int, client: str, commit: int, offset: int) -> PositionCommitted:
    return PositionCommitted(at_us, client, "app", commit, *ORDERS, offset)


def answered(at_us: int, client: str, commit: int, offset: int, code: int = 0) -> CommitAnswered:
    return CommitAnswered(at_us, client, "app", commit, *ORDERS, offset, code)


def position(at_us: int, client: str, offset: int, *, asked_us: int) -> PositionFetched:
    return PositionFetched(at_us, client, "app", *ORDERS, offset, asked_us)


def stored(*offsets: int | None) -> dict[TopicPartition, Log]:
    """A log in which a coordinator wrote these positions, one after the other; None for one that it took back."""
    log = []
    for place, offset in enumerate(offsets):
        if offset is None:
            written = offset_tombstone("app", *ORDERS)
        else:
            written = offset_record(OffsetCommitKey("app", *ORDERS), OffsetCommitValue(offset))
        log.append(Line(place, 0, NOBODY, written.key, written.value, (), 0, 0))
    return {POSITIONS: tuple(log)}


def found(*events: Any, log: dict[TopicPartition, Log] | None = None) -> dict[str, set[Any]]:
    """What breaks each promise about groups, those that hold left out; without a log the run did not settle."""
    evidence = Evidence(list(events), Files(log or {}, [], [], []), is_settled=log is not None)
    broken = {name: OF_GROUPS[name](evidence) for name in OF_GROUPS}
    return {name: things for name, things in broken.items() if things}


def test_who_has_what_another_was_given_and_is_still_told_that_it_is_a_member_is_a_second_owner() -> None:
    given = assigned(10, "one", 1), assigned(20, "two", 2)

    assert found(*given, heard(22, "one", 1, asked_us=21)) == {"two owners": {(0, 1)}}
    assert found(*given, heard(22, "one", 1, asked_us=19)) == {}
    assert found(given[0], gave_up(15, "one"), given[1], heard(22, "one", 2, asked_us=21)) == {}


def test_two_that_have_a_partition_in_one_epoch_are_two_owners() -> None:
    assert found(assigned(10, "one", 1), assigned(20, "two", 1)) == {"two owners": {(0, 1)}}
    assert found(assigned(10, "one", 1), heard(12, "one", 2, asked_us=11), assigned(20, "two", 2)) == {
        "two owners": {(0, 2)}
    }
    assert found(assigned(10, "one", 1), assigned(20, "two", 1, group="audit")) == {}


def test_what_was_given_of_a_topic_before_it_was_deleted_is_another_partition() -> None:
    assert found(assigned(10, "one", 1), TopicDeleted(15, "orders"), assigned(20, "two", 1)) == {}


def test_a_position_that_was_remembered_before_anybody_asked_may_not_be_told_otherwise() -> None:
    commit = asked(10, "one", 1, 5), answered(12, "one", 1, 5)

    assert found(*commit, position(22, "two", 5, asked_us=20)) == {}
    assert found(*commit, position(22, "two", 4, asked_us=20)) == {"forgotten": {2}}
    assert found(*commit, position(22, "two", -1, asked_us=20)) == {"forgotten": {2}}
    assert found(*commit, position(22, "two", -1, asked_us=12)) == {}


def test_a_position_is_superseded_by_one_that_was_asked_for_when_it_was_known_to_be_remembered() -> None:
    first = asked(10, "one", 1, 5), answered(12, "one", 1, 5)
    later = asked(13, "one", 2, 7), answered(15, "one", 2, 7)
    unknown = asked(13, "one", 2, 7), answered(15, "one", 2, 7, code=13)

    assert found(*first, *later, position(22, "two", 5, asked_us=20)) == {"forgotten": {4}}
    assert found(*first, *unknown, position(22, "two", 5, asked_us=20)) == {}
    assert found(*first, *unknown, position(22, "two", 7, asked_us=20)) == {}


@pytest.mark.parametrize("code", [22, 25, 27, 14])
def test_a_position_that_was_refused_is_told_to_nobody(code: int) -> None:
    refused = asked(10, "one", 1, 5), answered(12, "one", 1, 5, code)

    assert found(*refused, position(22, "two", 5, asked_us=20)) == {"forgotten": {2}}
    assert found(*refused, position(22, "two", -1, asked_us=20)) == {}


def test_what_lies_on_the_disks_is_held_against_what_members_asked_for() -> None:
    commit = began("one"), asked(10, "one", 1, 5), answered(12, "one", 1, 5)
    place = Place("app", ORDERS)

    assert found(*commit, log=stored(3, 5)) == {}
    assert found(*commit, log=stored(5, 3)) == {"forgotten": {place}}
    assert found(*commit, log=stored(5, None)) == {"forgotten": {place}}
    assert found(*commit, log=stored()) == {"forgotten": {place}}
    assert found(began("one", "audit"), log=stored(5)) == {}
    assert stored_positions(stored(5, None)) == {place: -1}


def line(offset: int) -> Line:
    header = ("sent by", b"billing/%d" % offset)
    return Line(offset, 0, ("billing", offset), b"k", b"v", (header,), 0, 0)


def begins(at_us: int, client: str, offset: int) -> ReaderMoved:
    return ReaderMoved(at_us, client, *ORDERS, offset, "begins")


def read(at_us: int, client: str, offset: int) -> RecordRead:
    return RecordRead(at_us, client, *ORDERS, offset, b"k", b"v", 0, line(offset).headers, 0)


def of_reading(*events: Any) -> dict[str, set[Any]]:
    evidence = Evidence(list(events), Files({ORDERS: (line(0), line(1))}, [], [], []))
    return {name: things for name in ("unread", "read again") if (things := JUDGES[name](evidence))}


def test_the_members_of_a_group_are_one_reader_and_another_group_is_another() -> None:
    first = began("one"), begins(1, "one", 0), read(2, "one", 0)

    assert of_reading(*first, began("two"), begins(3, "two", 1), read(4, "two", 1)) == {}
    assert of_reading(*first, began("two", "audit"), begins(3, "two", 1), read(4, "two", 1)) == {
        "unread": {("billing", 1)}
    }


def test_nobody_is_due_anything_where_everybody_has_left() -> None:
    assert of_reading(began("one"), begins(1, "one", 0)) == {"unread": {("billing", 0), ("billing", 1)}}
    assert of_reading(began("one"), begins(1, "one", 0), GroupMemberLeft(3, "one", "app")) == {}


def test_a_member_that_is_given_a_partition_anew_may_be_given_again_what_it_had() -> None:
    both = read(2, "one", 0), read(3, "one", 1)

    assert of_reading(began("one"), begins(1, "one", 0), *both, begins(4, "one", 0), *both) == {}
    assert of_reading(began("one"), begins(1, "one", 0), *both, *both) == {
        "read again": {("billing", 0), ("billing", 1)}
    }
