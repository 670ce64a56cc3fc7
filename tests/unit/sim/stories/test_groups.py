"""Members of groups share a topic while a story goes on, by either protocol; each word of theirs is in the trace."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from sim.faults import CloseReader, FaultTextError, Read, parse_fault
from sim.faults.names import UnknownNameError
from sim.faults.reading import Protocol
from sim.faults.schedule import parse_entry
from sim.faults.words import at
from sim.judges.guarantees import State
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.trace.events import (
    CommitAnswered,
    GroupMemberLeft,
    PartitionAssigned,
    PartitionGivenUp,
    PositionFetched,
    ReaderMoved,
    RecordRead,
)
from sim.world.units import SECOND_US

STORY = load("coordinator_fails_over")
by_each_protocol = pytest.mark.parametrize("protocol", ["classic", "consumer"])


def shared(protocol: Protocol, *lines: str) -> Report:
    """Two members of one group read; the second comes five seconds later."""
    readers = (
        at(0).read("orders", group="app", protocol=protocol, name="one"),
        at(5 * SECOND_US).read("orders", group="app", protocol=protocol, name="two"),
    )
    return run(replace(STORY, readers=readers, schedule=tuple(map(parse_entry, lines))))


def of(report: Report, kind: type[Any], client: str) -> list[Any]:
    return [one for one in report.trace if isinstance(one, kind) and one.client == client]


def places_at_the_end(report: Report) -> Counter[tuple[str, int]]:
    given_up = [event for event in report.trace if isinstance(event, PartitionGivenUp) and event.why == "ended"]
    return Counter((event.topic, event.partition) for event in given_up)


@by_each_protocol
def test_members_share_the_partitions_and_nothing_is_left_out(protocol: Protocol) -> None:
    report = shared(protocol)

    assert report.exit_code == 0
    assert places_at_the_end(report) == {("orders", partition): 1 for partition in range(4)}
    assert all(of(report, RecordRead, member) for member in ("one", "two"))
    assert report.verdict("unread").state is State.HOLDS
    assert report.verdict("two owners").checked == len(
        [event for event in report.trace if isinstance(event, PartitionAssigned)]
    )


@by_each_protocol
def test_partition_goes_on_where_its_former_owner_committed(protocol: Protocol) -> None:
    report = shared(protocol)

    commits = {event.partition: event.offset for event in of(report, CommitAnswered, "one")[:4]}
    first = {event.partition: event for event in reversed(of(report, PositionFetched, "two"))}
    moved = {event.partition: event.offset for event in reversed(of(report, ReaderMoved, "two"))}
    assert first
    assert all(moved[partition] == max(event.offset, 0) for partition, event in first.items())
    assert any(event.offset >= commits.get(partition, 0) > 0 for partition, event in first.items())


@by_each_protocol
def test_member_that_closes_commits_and_leaves_what_it_had_to_the_others(protocol: Protocol) -> None:
    report = shared(protocol, "at 15s: close one")

    left = of(report, GroupMemberLeft, "one")
    assert len(left) == 1
    assert {event.why for event in of(report, PartitionGivenUp, "one")} == {"revoked"}
    assert len([event for event in of(report, PartitionGivenUp, "two") if event.why == "ended"]) == 4
    assert report.exit_code == 0


@by_each_protocol
def test_member_that_is_not_heard_of_is_told_that_it_is_none_when_it_asks(protocol: Protocol) -> None:
    story = replace(STORY, repairs_after_us=60 * SECOND_US)
    readers = (
        at(0).read("orders", group="app", protocol=protocol, name="one"),
        at(5 * SECOND_US).read("orders", group="app", protocol=protocol, name="two"),
    )

    report = run(replace(story, readers=readers, schedule=(parse_entry("at 14s: cut one <-> *"),)))

    assert "lost" in {event.why for event in of(report, PartitionGivenUp, "one")}
    assert report.verdict("two owners").state is State.HOLDS
    assert report.verdict("forgotten").state is State.HOLDS
    assert report.verdict("unread").state is State.HOLDS


@by_each_protocol
def test_group_outlives_its_coordinator(protocol: Protocol) -> None:
    report = shared(protocol, "at 12s: crash coordinator(app)", "at 20s: close one")

    assert of(report, GroupMemberLeft, "one")
    assert report.exit_code == 0


def test_partitions_that_are_added_are_shared_as_well() -> None:
    report = shared("classic", "at 8s: grow orders to 6 partitions")

    assert places_at_the_end(report) == {("orders", partition): 1 for partition in range(6)}


def test_members_of_both_protocols_meet_in_one_group() -> None:
    readers = (
        at(0).read("orders", group="app", name="old"),
        at(6 * SECOND_US).read("orders", group="app", protocol="consumer", name="new"),
    )

    report = run(replace(STORY, readers=readers, schedule=()))

    assert all(of(report, PartitionAssigned, member) for member in ("old", "new"))
    assert report.exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "read orders in group app",
        "read orders in consumer group app from latest as one",
        "close one",
    ],
)
def test_line_is_read_as_it_is_written(line: str) -> None:
    assert str(parse_fault(line)) == line


def test_names_that_nobody_can_have_are_refused() -> None:
    with pytest.raises(FaultTextError, match="'a group' is not a group"):
        Read("orders", group="a group")
    with pytest.raises(FaultTextError, match="'modern' is no protocol of groups"):
        Read("orders", group="app", protocol="modern")  # type: ignore[arg-type]
    with pytest.raises(FaultTextError, match="'1' is no name of a reader"):
        CloseReader("1")


def test_who_closes_is_named_before_the_run() -> None:
    with pytest.raises(UnknownNameError, match="names reader 'three', readers are one, two"):
        shared("classic", "at 1s: close three")


def test_who_reads_by_itself_has_no_group_to_leave() -> None:
    alone: Scenario = replace(STORY, readers=(at(0).read("orders", name="one"),), schedule=())

    report = run(replace(alone, schedule=(parse_entry("at 1s: close one"),)))

    assert [one.reason for one in report.refused] == ["one is not in a group"]
