"""A trace that lets its oldest events go is the same trace: its digest, its file, its order."""

from io import StringIO

from sim.trace.events import BrokerCrashed, BrokerStarted
from sim.trace.trace import Trace, TraceHeader, write_events

EVENTS = [event for at_us in range(20) for event in (BrokerStarted(at_us, 1), BrokerCrashed(at_us, 1, "kept"))]
HEADER = TraceHeader("", 0, {})


def test_the_digest_counts_what_was_shed() -> None:
    whole, shedding = Trace(), Trace()
    for number, event in enumerate(EVENTS):
        whole.emit(event)
        shedding.emit(event)
        if number % 7 == 0:
            shedding.shed(keep=3)

    assert shedding.digest() == whole.digest()
    assert shedding.shed_count + len(shedding) == len(whole)


def test_what_was_shed_and_what_is_left_are_the_whole_in_order() -> None:
    trace = Trace()
    for event in EVENTS:
        trace.emit(event)

    shed = trace.shed(keep=5)

    assert [*shed, *trace.events] == EVENTS
    assert len(trace) == 5
    assert trace.shed(keep=5) == []


def test_a_file_written_piece_by_piece_is_the_file_written_at_once() -> None:
    whole, shedding = Trace(), Trace()
    at_once, piecewise = StringIO(), StringIO()
    shedding.write_header(piecewise, HEADER)
    for event in EVENTS:
        whole.emit(event)
        shedding.emit(event)
        write_events(piecewise, shedding.shed(keep=2))
    write_events(piecewise, shedding.shed(keep=0))
    whole.write(at_once, HEADER)

    assert piecewise.getvalue() == at_once.getvalue()
