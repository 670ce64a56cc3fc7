"""What a group has committed stays, and it goes back only where a member commits so."""

from producer.errors import Code
from sim.judges.guarantees import State
from tests.guarantees.written import WrittenTrace


def committed(*offsets: int) -> WrittenTrace:
    """One member commits, one after the other, and is told each time that it is remembered."""
    trace = WrittenTrace().join("one", "two")
    for number, offset in enumerate(offsets, start=1):
        trace.ask_for_position("one", commit=number, offset=offset)
        trace.answer_commit("one", commit=number, offset=offset)
    return trace


def test_position_that_was_remembered_last_is_as_it_should_be() -> None:
    trace = committed(3, 7)

    assert trace.tell_position("two", 7, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_position_of_before_is_found() -> None:
    trace = committed(3, 7)
    trace.tell_position("two", 3, asked_us=trace.now_us).end()

    (finding,) = trace.judged("forgotten").findings
    assert finding.name == "group billing in orders-0"
    assert finding.what == "two is told offset 3, and one was told that offset 7 is remembered"
    assert [moment.role for moment in finding.moments] == ["commit", "commit answered", "position read"]


def test_no_position_where_one_was_remembered_is_found() -> None:
    trace = committed(3)

    assert trace.tell_position("two", -1, asked_us=trace.now_us).end().state("forgotten") is State.VIOLATED


def test_position_that_nobody_committed_is_found() -> None:
    trace = WrittenTrace().join("one")
    trace.tell_position("one", 5, asked_us=trace.now_us).end()

    assert trace.judged("forgotten").findings[0].what == "one is told offset 5, and nobody has committed that"


def test_group_goes_back_where_a_member_commits_so() -> None:
    trace = committed(7, 3)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_either_position_may_be_read_while_the_later_is_on_its_way() -> None:
    for told in (3, 7):
        trace = committed(3).ask_for_position("one", commit=2, offset=7)
        trace.tell_position("two", told, asked_us=trace.now_us).answer_commit("one", commit=2, offset=7).end()

        assert trace.state("forgotten") is State.HOLDS


def test_commit_that_nobody_answered_may_be_written_late() -> None:
    trace = WrittenTrace().join("one", "two").ask_for_position("one", commit=1, offset=3)
    trace.answer_commit("one", commit=1, offset=3, code=Code.NETWORK_EXCEPTION)
    trace.ask_for_position("one", commit=2, offset=7).answer_commit("one", commit=2, offset=7)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_commit_of_who_is_no_member_is_not_to_be_written() -> None:
    trace = committed(7).ask_for_position("one", commit=2, offset=3)
    trace.answer_commit("one", commit=2, offset=3, code=Code.ILLEGAL_GENERATION)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.VIOLATED


def test_positions_in_a_topic_that_is_deleted_are_gone_with_it() -> None:
    trace = committed(7).delete_topic()

    assert trace.tell_position("two", -1, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS
