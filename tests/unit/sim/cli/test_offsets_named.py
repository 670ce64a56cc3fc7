"""Where reading begins and ends, in every way in which -o says it."""

import pytest

from sim.cli.endings import CommandError
from sim.cli.offsets_named import Span, span_named
from sim.clients.consumer import EARLIEST, LATEST, at_time


@pytest.mark.parametrize(
    "given, span",
    [
        ([], Span(EARLIEST)),
        (["beginning"], Span(EARLIEST)),
        (["earliest"], Span(EARLIEST)),
        (["end"], Span(LATEST)),
        (["17"], Span(17)),
        (["0"], Span(0)),
        (["-5"], Span(last=5)),
        (["-0"], Span(LATEST)),
        (["s@1700000000000"], Span(at_time(1_700_000_000_000))),
        (["s@2026-01-01T00:00:00Z"], Span(at_time(1_767_225_600_000))),
        (["s@2026-01-01"], Span(at_time(1_767_225_600_000))),
        (["s@2026-01-01T01:00:00+01:00"], Span(at_time(1_767_225_600_000))),
        (["e@5"], Span(EARLIEST, stop_at_ms=5)),
        (["s@3", "e@5"], Span(at_time(3), stop_at_ms=5)),
        (["e@5", "-2"], Span(last=2, stop_at_ms=5)),
    ],
)
def test_every_way_of_saying_it(given: list[str], span: Span) -> None:
    assert span_named(given) == span


@pytest.mark.parametrize(
    "given, said",
    [
        (["soon"], "-o 'soon': expected beginning, end, an offset, -N for the last N, s@TIME or e@TIME"),
        (["-"], "-o '-': expected"),
        (["+3"], "-o '\\+3': expected"),
        (["s@"], "-o 's@': expected milliseconds since 1970, or a time such as"),
        (["s@yesterday"], "-o 's@yesterday': expected milliseconds"),
        (["e@1960-01-01"], "is before 1970"),
        (["stored"], "offsets are stored by groups, and no group reads here"),
        (["1", "2"], "-o is given 2 times"),
        (["e@1", "e@2"], "-o is given 2 times"),
    ],
)
def test_what_is_no_place_is_named(given: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        span_named(given)
