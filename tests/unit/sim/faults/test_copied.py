"""A fault's line is read as it was copied: from a report, a screen, a search, with what stands around it there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.events import BatchRetried
from sim.faults import FAULT_TYPES, Fault, FaultTextError, parse_fault
from sim.faults.schedule import Anchor, At, Entry, has_time, parse_entry
from sim.judges.report.telling import sentence
from sim.trace.events import ApplicationStarted, BrokerCrashed, FaultInjected, FaultRefused, LogTruncated
from sim.trace.trace import moment_text, time_text
from sim.tui.telling import sign_of, told
from tests.unit.sim.faults.test_faults import faults
from tests.unit.sim.faults.test_schedule import anchors

EXAMPLES = [text for one in FAULT_TYPES for text in one.EXAMPLE.split(" | ")]
BEGUN_US = 1_390_000
REASONS = st.sampled_from(["b1 is down", "nobody (yet) leads: wait", "no such host", "a (b"])


def lines_of(event: FaultInjected | FaultRefused) -> list[str]:
    """Each line in which a report, the lessons and the screens tell that a fault struck."""
    at, sign = moment_text(event, BEGUN_US), sign_of(event).glyph
    return [
        f"  {at:>9}  #181  {sentence(event)}",  # run, replay
        f"  {at:>9}  #12  {sentence(event)}  ",  # learn check
        f"  {at} #181 {told(event)}",  # the verdicts on the screen
        f"{at:>9} #181   {sign} {told(event)}                    ▇",  # the events there, up to the scroll bar
        f"▶ {at} #181 of 227  {sign} {told(event)}",  # the moment there
        f"1 {at:>9} #181   {sign} {told(event)}",  # two runs there
    ]


@given(faults, st.integers(0, 10**9))
def test_a_fault_that_struck_is_read_back_as_the_same_fault_at_the_same_time(fault: Fault, us: int) -> None:
    for line in lines_of(FaultInjected(BEGUN_US + us, 3, str(fault))):
        assert parse_entry(line) == Entry(At(us), fault), line


@given(faults, st.integers(0, 10**9), REASONS)
def test_a_fault_without_effect_is_read_back_without_the_reason(fault: Fault, us: int, reason: str) -> None:
    for line in lines_of(FaultRefused(BEGUN_US + us, 3, str(fault), reason)):
        assert parse_entry(line) == Entry(At(us), fault), line


@pytest.mark.parametrize("text", EXAMPLES)
@pytest.mark.parametrize("between", [" ", ": ", "  #181  ", "  #181  fault: ", "\t", ":  "])
def test_every_kind_of_fault_is_read_behind_a_time_however_it_is_set(text: str, between: str) -> None:
    for before in ("", "   ", "at ", "  at  ", "\n"):
        assert parse_entry(f"{before}2.530s{between}{text}") == Entry(At(2_530_000), parse_fault(text))


@given(anchors, faults, st.booleans(), REASONS)
def test_a_line_of_a_schedule_is_read_under_every_name_that_is_printed_before_it(
    when: Anchor, fault: Fault, may_be_refused: bool, reason: str
) -> None:
    entry = Entry(when, fault, may_be_refused)

    for name in ("  faults     ", "  readers   ", "  ", "fault 2: ", "fault 1 moved: ", "one more fault: "):
        assert parse_entry(f"{name}{entry}") == entry
    for name in ("? no fault: ", "! no effect: ", "? beside: no fault: ", "no effect: "):
        assert parse_entry(f"{name}{entry} ({reason})") == entry


@given(st.builds(Entry, anchors, faults), st.integers(10, 60))
def test_a_line_that_a_report_has_wrapped_is_read_as_one(entry: Entry, width: int) -> None:
    # Between words, as a report does; a quoted value has no end of a line in it.
    lines, left = [""], [word for word in str(entry).split(" ") if '"' not in str(entry)] or [str(entry)]
    for word in left:
        lines[-1] += f"{word} "
        if len(lines[-1]) > width:
            lines.append("")

    assert parse_entry("\n             ".join(lines)) == entry


EVENTS: list[Any] = [
    BrokerCrashed(BEGUN_US, 1, "kept"),
    LogTruncated(BEGUN_US, 1, "orders", 0, 15, 30, "diverging epoch"),
    BatchRetried(BEGUN_US, "producer-1", 4, "orders", 0, 6, 1),
]


@pytest.mark.parametrize("event", EVENTS, ids=[type(one).__name__ for one in EVENTS])
@pytest.mark.parametrize("at", ["-0.750s", "2.530s"])
def test_a_line_that_tells_an_event_says_that_it_is_none_of_a_fault(event: Any, at: str) -> None:
    for line in (f"   {at}  #182  {sentence(event)}", f"  {at} #182   {sign_of(event).glyph} {told(event)}"):
        with pytest.raises(FaultTextError, match=r"tells event #182 of a run, which is not a fault"):
            parse_entry(line)


def test_an_application_that_is_called_like_a_fault_is_known_from_one_by_the_names_of_the_story() -> None:
    from sim.cluster.config import ClusterConfig
    from sim.faults.names import check_names

    line = f"2.530s  #182  {sentence(ApplicationStarted(BEGUN_US, 'stop', 'stop', 1))}"

    with pytest.raises(FaultTextError, match="starts"):
        check_names((parse_entry(line),), ClusterConfig(), ["stop"])


@pytest.mark.parametrize(
    "text,said",
    [
        ("2.530s crush b1", "'crush b1' is not a fault"),
        ("2.530s  #181  fault: crush b1", "'crush b1' is not a fault"),
        ("-0.100s crash b1", "before the story's begin"),
        ("2.530s #181   x fault: lose Produce orders-0 x1 to lea…", "cut short"),
        ("records    30 sent, 30 acknowledged", "is not a fault with its time"),
        ("2.5300001s crash b1", "finer than a microsecond"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, said: str) -> None:
    with pytest.raises(FaultTextError) as raised:
        parse_entry(text)

    assert said in str(raised.value)


@given(st.integers(0, 10**9))
def test_only_a_fault_s_time_is_finer_than_a_millisecond(us: int) -> None:
    assert moment_text(BrokerCrashed(BEGUN_US + us, 1, "kept"), BEGUN_US) == time_text(us)
    exact = moment_text(FaultInjected(BEGUN_US + us, 0, "crash b1"), BEGUN_US)
    assert exact == time_text(us) if us % 1_000 == 0 else exact.startswith(time_text(us)[:-1])


@given(st.builds(Entry, anchors, faults))
def test_a_fault_alone_has_no_time_and_an_entry_has(entry: Entry) -> None:
    assert has_time(str(entry))
    assert not has_time(str(entry.fault))
