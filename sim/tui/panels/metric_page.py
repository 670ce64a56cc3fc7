"""The metrics over time: a curve for each of Kafka's names, how it was before the latest fault, and how it is now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.tui.lines import Line, Span, Tone
from sim.tui.panels.page import PageRow, heading, laid_out
from sim.tui.view_model.metrics import COUNTS, TOLD, Metrics, Values

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.view_model.state import Fault

ANY_WIDTH = 100
BARS = "▁▂▃▄▅▆▇█"
VALUE = 10
"""Columns of a number."""
FAULTS_SHOWN = 20
CHANGED = 1.5
"""What became so many times as much, or as little, after a fault is told with it."""
_UNTOLD = ("-total", "-max", "-p50", "-p95", "-p99")
"""Endings of metrics that are not told with a fault: another of the same sensor is."""


class _Table(NamedTuple):
    name: int
    curve: int


def metric_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out every metric that is not zero throughout, and what each fault changed."""
    metrics, index = playhead.watched.metrics, playhead.index
    table = _table(width or ANY_WIDTH)
    fault = _latest(playhead)
    window_ms = metrics.window.sample_us // 1_000
    since = f"was: before #{fault.event} {fault.fault}; now: here" if fault else "was: at the begin; now: here"
    about = f"{since}. Windows as with metrics.sample.window.ms={window_ms} (Kafka: 30000)"
    rows = heading("METRICS", about, width)
    rows.append(PageRow(_heads(playhead, table)))
    before = -1 if fault is None else fault.event - 1
    now, was = metrics.counts_at(index), metrics.counts_at(before) if before >= 0 else {}
    names = [one.name for one in COUNTS]
    rows += _part("brokers and controller", names, metrics.counts, was, now, table, playhead)
    every, earlier = metrics.at(index), metrics.at(before) if before >= 0 else {}
    for client, series in metrics.producers.items():
        told, then = every.get(client, {}), earlier.get(client, {})
        title = f"producer-metrics of {client}"
        rows += _part(title, [one.name for one in TOLD], series, then, told, table, playhead)
    rows += [
        PageRow(()),
        *heading("FAULTS", "what each of them changed" if playhead.state.faults else "none so far", width),
    ]
    for one, following in _spans(playhead):
        rows += laid_out(_changed(metrics, one, following), width, indent=4, event=one.event)
    return rows


def metric_facts(playhead: Playhead) -> dict[str, object]:
    """Give the windows, every metric now and before the latest fault, and the curves; null where there is nothing to average."""
    metrics, fault = playhead.watched.metrics, _latest(playhead)
    before = -1 if fault is None else fault.event - 1
    return {
        "window_us": metrics.window.sample_us,
        "windows": metrics.window.samples,
        "fault": fault,
        "now": _clean({"brokers": metrics.counts_at(playhead.index), **metrics.at(playhead.index)}),
        "was": _clean({"brokers": metrics.counts_at(before), **metrics.at(before)}) if before >= 0 else None,
        "curves": {
            "events": metrics.columns,
            "brokers": metrics.counts,
            "producers": {
                client: [_clean({"": values})[""] for values in series] for client, series in metrics.producers.items()
            },
        },
        "meanings": {one.name: one.meaning for one in COUNTS} | {one.name: one.meaning for one in TOLD},
    }


def _clean(values: dict[str, Values]) -> dict[str, dict[str, float | None]]:
    return {
        client: {name: None if math.isnan(value) else value for name, value in one.items()}
        for client, one in values.items()
    }


def _latest(playhead: Playhead) -> Fault | None:
    return playhead.state.faults[-1] if playhead.state.faults else None


def _table(width: int) -> _Table:
    name = max(len(name) for name in (*(one.name for one in COUNTS), *(one.name for one in TOLD))) + 3
    return _Table(name, max(width - name - 2 * VALUE, 8))


def _heads(playhead: Playhead, table: _Table) -> Line:
    """Put the faults so far on the time of the curves."""
    metrics = playhead.watched.metrics
    columns = [" "] * table.curve
    for fault in playhead.state.faults:
        columns[_place(metrics, fault.event, table)] = "x"
    return (
        Span("  faults x, now ▾".ljust(table.name), Tone.DIM),
        *_marked(columns, _place(metrics, playhead.index, table)),
        Span("was".rjust(VALUE), Tone.DIM),
        Span("now".rjust(VALUE), Tone.HEADING),
    )


def _marked(columns: list[str], now: int) -> Iterator[Span]:
    yield Span("".join(columns[:now]), Tone.FAULT)
    yield Span("▾", Tone.LEADER)
    yield Span("".join(columns[now + 1 :]), Tone.FAULT)


def _place(metrics: Metrics, event: int, table: _Table) -> int:
    return metrics.column_of(event) * table.curve // len(metrics.columns)


def _part(
    title: str,
    names: Sequence[str],
    series: Sequence[Values],
    was: Values,
    now: Values,
    table: _Table,
    playhead: Playhead,
) -> Iterator[PageRow]:
    yield PageRow((Span(title, Tone.HEADING),), is_heading=True)
    metrics = playhead.watched.metrics
    place = _place(metrics, playhead.index, table)
    quiet = []
    for name in names:
        curve = [values.get(name, math.nan) for values in series]
        if not any(value > 0 for value in curve) and not now.get(name, 0) > 0:
            quiet.append(name)
            continue
        bars = _bars(curve, table.curve)
        changed = Tone.UNSURE if _number(was.get(name)) != _number(now.get(name)) else Tone.PLAIN
        yield PageRow(
            (
                Span(f"  {name}".ljust(table.name)),
                Span(bars[: place + 1], Tone.PRODUCER),
                # What lies behind this moment is there, too, but dim.
                Span(bars[place + 1 :], Tone.DIM),
                Span(_number(was.get(name)).rjust(VALUE), Tone.DIM),
                Span(_number(now.get(name)).rjust(VALUE), changed),
            )
        )
    if quiet:
        whole = table.name + table.curve + 2 * VALUE
        yield from laid_out((Span(f"  0 throughout: {', '.join(quiet)}", Tone.DIM),), whole, indent=4)


def _bars(curve: Sequence[float], width: int) -> str:
    """Draw a curve from zero to its highest in so many columns; nothing where there is nothing to average."""
    most = max((value for value in curve if not math.isnan(value)), default=0)
    drawn = []
    for column in range(width):
        first = column * len(curve) // width
        last = max((column + 1) * len(curve) // width, first + 1)
        values = [value for value in curve[first:last] if not math.isnan(value)]
        height = max(values, default=math.nan)
        if math.isnan(height):
            drawn.append(" ")
        else:
            drawn.append(BARS[round((len(BARS) - 1) * height / most)] if most > 0 else BARS[0])
    return "".join(drawn)


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    if value == int(value):
        return str(int(value))
    return f"{value:.0f}" if value >= 1_000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _spans(playhead: Playhead) -> Iterator[tuple[Fault, int]]:
    """Give each fault so far, and the event up to which it is the latest."""
    faults = playhead.state.faults[-FAULTS_SHOWN:]
    for place, fault in enumerate(faults):
        yield fault, faults[place + 1].event - 1 if place + 1 < len(faults) else playhead.index


def _changed(metrics: Metrics, fault: Fault, last: int) -> Line:
    """Say which metrics were much changed between a fault and the next one, or now."""
    before = max(fault.event - 1, 0)
    said = [
        f"{name} {_number(was)} → {_number(now)}"
        for name, was, now in (
            *_pairs(metrics.counts_at(before), metrics.counts_at(last)),
            *(
                pair
                for client, values in metrics.at(last).items()
                for pair in _pairs(metrics.at(before).get(client, {}), values)
            ),
        )
        if not name.endswith(_UNTOLD) and _is_changed(was, now)
    ]
    what = ", ".join(said) or "nothing much"
    return (Span(f"  #{fault.event} "), Span(f"{fault.fault}: ", Tone.FAULT), Span(what))


def _pairs(was: Values, now: Values) -> Iterator[tuple[str, float, float]]:
    for name, value in now.items():
        yield name, was.get(name, math.nan), value


def _is_changed(was: float, now: float) -> bool:
    if math.isnan(was) or math.isnan(now):
        return math.isnan(was) != math.isnan(now)
    low, high = sorted((was, now))
    return high > 0 and (low == 0 or high / low >= CHANGED)
