"""The producers over the whole screen: every batch where it waits, with its sequences and how long its timers still run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.cluster.applications import life_of
from sim.trace.trace import time_text
from sim.tui.lines import Line, Span, Tone
from sim.tui.panels.page import PageRow, heading, laid_out
from sim.tui.telling import code_text, records_text
from sim.tui.view_model import BatchState, Life
from sim.tui.view_model.state import NO_APPLICATION

if TYPE_CHECKING:
    from producer.config.config import ProducerConfig
    from sim.tui.playhead import Playhead
    from sim.tui.view_model import Batch, State

_PLACES = (
    (BatchState.OPEN, "□ accumulator", "open batches: a record joins the one of its partition"),
    (BatchState.IN_FLIGHT, "» in flight", "sent, and not answered yet"),
    (BatchState.RETRYING, "↻ retrying", "to be sent again"),
)
_TONES = {BatchState.OPEN: Tone.PLAIN, BatchState.IN_FLIGHT: Tone.PRODUCER, BatchState.RETRYING: Tone.UNSURE}
_ENDINGS = {BatchState.DONE: Tone.GOOD, BatchState.FAILED: Tone.BAD, BatchState.SPLIT: Tone.UNSURE}
_LIVES = {Life.UP: "", Life.PAUSED: " ‖ stands still", Life.STOPPING: " ▼ stopping", Life.DOWN: " ✗ ended"}
ENDED_SHOWN = 10
INDENT = 8
"""Of what goes on in the next line."""


def producer_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out each client: who it is, its connections and records, and each of its batches."""
    state, configs = playhead.state, playhead.watched.configs
    rows: list[PageRow] = []
    for client in _clients(state):
        rows += [PageRow(())] if rows else []
        for one in _client(state, client, configs.get(life_of(client)[0]), playhead.watched.film.begun_us):
            rows += laid_out(one, width, indent=INDENT)
    return rows or heading("PRODUCER", "has not begun", width)


def producer_facts(playhead: Playhead) -> dict[str, object]:
    """Give what is known of the clients: who they are, their records, connections and batches, the timers that they were given."""
    state = playhead.state
    timers = {name: dict(_timers(config)) for name, config in playhead.watched.configs.items()}
    return {
        "applications": state.applications,
        "identities": state.identities,
        "connections": state.connections,
        "batches": list(state.batches.values()),
        "ended": state.ended,
        "done": state.done,
        "failed": state.given_up,
        "split": state.split,
        "next_sequences": {client: _next_sequences(state, client) for client in _clients(state)},
        "timers": timers,
    }


def _clients(state: State) -> list[str]:
    return sorted({*state.applications, *state.identities})


def _client(state: State, client: str, config: ProducerConfig | None, begun_us: int) -> Iterator[Line]:
    yield _who(state, client)
    yield _records(state, client)
    if config is not None:
        said = ", ".join(f"{name} {value}" for name, value in _timers(config))
        yield (Span("  timers        ", Tone.DIM), Span(said, Tone.DIM))
    yield _connections(state, client)
    for place, label, meaning in _PLACES:
        here = [one for one in state.batches.values() if one.client == client and one.state is place]
        count = f"  {len(here)}" if here else "  none"
        yield (Span(f"  {label:<14}"), Span(count.strip(), _TONES[place]), Span(f"  {meaning}", Tone.DIM))
        for batch in here:
            yield _batch(batch, state.now_us, config)
    sequences = _next_sequences(state, client)
    if sequences:
        said = "  ".join(f"{where} {number}" for where, number in sequences.items())
        yield (Span("  next sequence ", Tone.DIM), Span(said))
    ended = [one for one in state.ended if one.client == client][-ENDED_SHOWN:]
    if ended:
        yield (Span("  over          "), Span(f"the last {len(ended)}, the latest first", Tone.DIM))
    for batch in reversed(ended):
        yield _ended(batch, begun_us)


def _who(state: State, client: str) -> Line:
    own, identity = state.applications.get(client, NO_APPLICATION), state.identities.get(client)
    known = identity is not None and identity.producer_id != NO_PRODUCER_ID
    who = f"producer id {identity.producer_id}, epoch {identity.producer_epoch}" if known and identity else ""
    kind = "a raw client" if own.is_raw else who or "no producer id"
    phase = f", in phase {own.phase}" if own.phase else ""
    tone = Tone.BAD if own.life is Life.DOWN else Tone.UNSURE
    return (Span(client, Tone.HEADING), Span(_LIVES[own.life], tone), Span(f"  {kind}{phase}"))


def _records(state: State, client: str) -> Line:
    own = state.applications.get(client, NO_APPLICATION)
    return (
        Span("  records       "),
        Span(f"{own.sent} sent, "),
        Span(f"{own.acknowledged} acknowledged", Tone.GOOD),
        Span(f", {own.waiting} waiting, "),
        Span(f"{own.failed} failed", Tone.BAD if own.failed else Tone.DIM),
        Span(f", {own.unknown} perhaps written", Tone.UNSURE if own.unknown else Tone.DIM),
    )


def _timers(config: ProducerConfig) -> list[tuple[str, int]]:
    return [
        ("linger.ms", config.linger_ms),
        ("request.timeout.ms", config.request_timeout_ms),
        ("retry.backoff.ms", config.retry_backoff_ms),
        ("delivery.timeout.ms", config.delivery_timeout_ms),
    ]


def _connections(state: State, client: str) -> Line:
    own = [one for (owner, _), one in state.connections.items() if owner == client]
    said = [f"{one.address.partition(':')[0]} {'ready' if one.is_ready else 'opening'}" for one in own]
    return (Span("  connections   ", Tone.DIM), Span(", ".join(said) or "none", Tone.PLAIN if said else Tone.DIM))


def _batch(batch: Batch, now_us: int, config: ProducerConfig | None) -> Line:
    spans = [
        Span(f"    batch {batch.batch} "),
        Span(f"{batch.topic}-{batch.partition}", Tone.KEY),
        Span(f" {records_text(batch.records)}{_sequences(batch)}"),
    ]
    if batch.state is BatchState.IN_FLIGHT:
        spans.append(Span(f" to b{batch.broker}", Tone.PRODUCER))
    if batch.attempt:
        spans.append(Span(f" try {batch.attempt}", Tone.UNSURE if batch.attempt > 1 else Tone.DIM))
    if batch.state is BatchState.RETRYING:
        spans.append(Span(f" {code_text(batch.code)}", Tone.UNSURE))
    spans += [Span(f"  {text}", Tone.DIM) for text in _running(batch, now_us, config)]
    return tuple(spans)


def _running(batch: Batch, now_us: int, config: ProducerConfig | None) -> Iterator[str]:
    """Say how long each of a batch's timers runs from now."""
    if batch.state is BatchState.OPEN and config is not None:
        left_us = batch.opened_us + 1_000 * config.linger_ms - now_us
        yield f"linger {time_text(left_us)} left" if left_us > 0 else "linger is over: it waits for its turn"
    elif batch.state is BatchState.IN_FLIGHT and config is not None and batch.sent_us >= 0:
        yield f"answer due in {time_text(batch.sent_us + 1_000 * config.request_timeout_ms - now_us)}"
    elif batch.state is BatchState.RETRYING:
        left_us = batch.not_before_us - now_us
        yield f"again in {time_text(left_us)}" if left_us > 0 else "again at once"
    yield f"fails in {time_text(batch.deadline_us - now_us)}"


def _sequences(batch: Batch) -> str:
    if batch.base_sequence == NO_SEQUENCE:
        return ""
    last = batch.base_sequence + max(batch.records - 1, 0)
    return f" seq {batch.base_sequence}" + (f"-{last}" if batch.records > 1 else "")


def _next_sequences(state: State, client: str) -> dict[TopicPartition, int]:
    """Say which sequence comes next in each partition, as far as the batches tell that are still remembered."""
    found: dict[TopicPartition, int] = {}
    for batch in (*state.ended, *state.batches.values()):
        if batch.client == client and batch.base_sequence != NO_SEQUENCE:
            # An epoch of its own begins at 0: the later batch counts, not the larger number.
            found[TopicPartition(batch.topic, batch.partition)] = batch.base_sequence + batch.records
    return dict(sorted(found.items()))


def _ended(batch: Batch, begun_us: int) -> Line:
    how = {
        BatchState.DONE: f"done at offset {batch.base_offset}" if batch.base_offset >= 0 else "done, no offset told",
        BatchState.FAILED: f"failed: {batch.reason or code_text(batch.code)}",
        BatchState.SPLIT: "split: its records go on in smaller ones",
    }.get(batch.state, batch.state.value)
    tries = f", after {batch.attempt} tries" if batch.attempt > 1 else ""
    return (
        Span(f"    {time_text(batch.ended_us - begun_us):>8} ", Tone.DIM),
        Span(f"batch {batch.batch} "),
        Span(f"{batch.topic}-{batch.partition}", Tone.KEY),
        Span(f" {records_text(batch.records)}{_sequences(batch)}  "),
        Span(f"{how}{tries}", _ENDINGS.get(batch.state, Tone.PLAIN)),
    )
