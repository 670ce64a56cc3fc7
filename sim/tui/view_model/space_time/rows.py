"""What a picture of messages shows, row by row: a message on its way, its arrival, its loss, or something that one of them does.

A row is an event. Times run downwards; rows are evenly spaced, not to scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

from producer import events as engine
from producer.errors import error_code
from sim.clients.drivers import CODE_NOT_SENT
from sim.trace import events as cluster
from sim.tui.view_model.space_time.lanes import THE_CONTROLLER
from sim.tui.view_model.space_time.messages import Messages


class Shape(Enum):
    """What a row is."""

    MARK = "mark"
    """Something that one of them does."""
    DEPARTURE = "departure"
    """A message leaves; its arrival is a later row, or still to come."""
    ARRIVAL = "arrival"
    """It arrives; its departure is an earlier row."""
    WHOLE = "message"
    """A message whose departure and arrival are one row: nothing is drawn between them, or nobody knows when it left."""
    LOSS = "loss"
    """A message that never arrives."""
    FAULT = "fault"


class Manner(Enum):
    """How a row is meant; what draws it has a colour and a sign for each."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    LEADS = "leads"
    FAULT = "fault"


class Row(NamedTuple):
    """One row."""

    event: int
    """The event that it is."""
    shape: Shape
    lane: str
    """Who does it, or sends it; empty for a fault."""
    to: str = ""
    """Who receives it; empty for a mark."""
    words: str = ""
    manner: Manner = Manner.PLAIN
    other: int = -1
    """The other end of the message; -1 if it is not known."""

    @property
    def lanes(self) -> tuple[str, ...]:
        """Whom it is about."""
        return tuple(name for name in (self.lane, self.to) if name)

    @property
    def events(self) -> tuple[int, ...]:
        """The events that are this row."""
        return (self.event, self.other) if self.shape is Shape.WHOLE and self.other >= 0 else (self.event,)


class Rows:
    """The rows of a trace, made when they are asked for."""

    __slots__ = ("_events", "_messages")

    def __init__(self, events: Sequence[Any], messages: Messages) -> None:
        self._events = events
        self._messages = messages

    def of(self, index: int) -> Row | None:
        """Give the row of an event; None for one that no picture shows."""
        event = self._events[index]
        draw = _ROWS.get(type(event))
        return None if draw is None else draw(self, index, event)

    def onwards(self, index: int) -> Iterator[Row]:
        """Give the rows from an event on."""
        for number in range(index, len(self._events)):
            row = self.of(number)
            if row is not None:
                yield row

    def backwards(self, index: int) -> Iterator[Row]:
        """Give the rows before an event, the last one first."""
        for number in range(index - 1, -1, -1):
            row = self.of(number)
            if row is not None:
                yield row

    # -- messages ------------------------------------------------------------------------------------------------------

    def _batch_sent(self, index: int, event: engine.BatchSent) -> Row:
        words = f"batch {event.batch}" if event.attempt == 1 else f"batch {event.batch} try {event.attempt}"
        return self._departure(index, event.client, f"b{event.broker}", words, Manner.PLAIN)

    def _departure(self, index: int, lane: str, to: str, words: str, manner: Manner) -> Row:
        receipt = self._messages.received_by(index)
        if receipt is not None:
            return Row(index, Shape.DEPARTURE, lane, to, words, manner, receipt)
        if self._messages.is_lost(index):
            return Row(index, Shape.LOSS, lane, to, words, Manner.BAD, self._messages.lost_by(index) or -1)
        if self._messages.is_under_way(index):
            return Row(index, Shape.DEPARTURE, lane, to, words, manner)
        return Row(index, Shape.WHOLE, lane, to, words, manner)

    def _received(self, index: int, event: cluster.RequestReceived) -> Row:
        sent = self._messages.sent_by(index)
        lane, to = event.client, f"b{event.broker}"
        if sent is None:
            return Row(index, Shape.WHOLE, lane, to, event.api)
        departure = self._events[sent]
        return Row(index, Shape.ARRIVAL, lane, to, f"batch {departure.batch}", other=sent)

    def _response_sent(self, index: int, event: cluster.ResponseSent) -> Row:
        words, manner = self._answer(index, event)
        return self._departure(index, f"b{event.broker}", event.client, words, manner)

    def _response_dropped(self, index: int, event: cluster.ResponseDropped) -> Row:
        words, _ = self._answer(index, event)
        return Row(index, Shape.LOSS, f"b{event.broker}", event.client, words, Manner.FAULT)

    def _answer(self, index: int, event: Any) -> tuple[str, Manner]:
        """Say what an answer says: the worst of what was decided for its partitions."""
        request = (event.client, event.connection, event.correlation_id)
        codes = []
        for number in range(index - 1, max(index - ANSWERS_BEHIND, -1), -1):
            before = self._events[number]
            kind = type(before)
            if kind is cluster.ProduceAnswered and _request(before) == request:
                codes.append(before.code)
            elif kind is cluster.RequestReceived and _request(before) == request:
                break
        if not codes:
            return event.api, Manner.PLAIN
        worst = max(codes, key=lambda code: code != 0)
        return ("written", Manner.GOOD) if worst == 0 else (_code(worst), Manner.BAD)

    def _answer_read(self, index: int, event: Any) -> Row | None:
        sent = self._messages.sent_by(index)
        if sent is None:
            return self._gave_up(index, event)
        answer = self._events[sent]
        words, manner = self._answer(sent, answer)
        if self._messages.received_by(sent) != index:
            # Another part of an answer that is there.
            batch = getattr(event, "batch", None)
            return None if batch is None else Row(index, Shape.MARK, event.client, "", f"batch {batch} {words}", manner)
        return Row(index, Shape.ARRIVAL, f"b{answer.broker}", event.client, words, manner, sent)

    def _gave_up(self, index: int, event: Any) -> Row | None:
        match event:
            case engine.BatchRetried():
                return Row(index, Shape.MARK, event.client, "", f"batch {event.batch}: {_code(event.code)}", Manner.BAD)
            case engine.BatchFailed():
                return Row(index, Shape.MARK, event.client, "", f"batch {event.batch} is given up", Manner.BAD)
            case engine.BatchAcknowledged(base_offset=-1, code=0):
                return Row(index, Shape.MARK, event.client, "", f"batch {event.batch} counts as sent", Manner.GOOD)
            case _:
                return None

    def _replicated(self, index: int, event: cluster.BatchReplicated) -> Row | None:
        sent = self._messages.sent_by(index)
        words = f"copies {_range(event.base_offset, event.last_offset)}"
        if sent is None or self._events[sent].broker == event.broker:
            return Row(index, Shape.MARK, f"b{event.broker}", "", words)
        return Row(index, Shape.WHOLE, f"b{self._events[sent].broker}", f"b{event.broker}", words)

    # -- what each does ------------------------------------------------------------------------------------------------

    def _appended(self, index: int, event: cluster.BatchAppended) -> Row:
        words = f"appends {_range(event.base_offset, event.last_offset)}"
        return Row(index, Shape.MARK, f"b{event.broker}", "", words)

    def _deduplicated(self, index: int, event: cluster.BatchDeduplicated) -> Row:
        return Row(index, Shape.MARK, f"b{event.broker}", "", f"has it, at {event.base_offset}")

    def _truncated(self, index: int, event: cluster.LogTruncated) -> Row:
        words = f"cuts off {_range(event.to_offset, event.from_offset - 1)}"
        return Row(index, Shape.MARK, f"b{event.broker}", "", words, Manner.BAD)

    def _became_leader(self, index: int, event: cluster.BecameLeader) -> Row:
        words = f"lead e{event.leader_epoch}, {event.topic}-{event.partition}"
        return Row(index, Shape.WHOLE, THE_CONTROLLER, f"b{event.broker}", words, Manner.LEADS)

    def _became_follower(self, index: int, event: cluster.BecameFollower) -> Row:
        whom = f"b{event.leader}" if event.leader >= 0 else "nobody"
        words = f"follow {whom}, {event.topic}-{event.partition}"
        return Row(index, Shape.WHOLE, THE_CONTROLLER, f"b{event.broker}", words)

    def _elected(self, index: int, event: cluster.LeaderElected) -> Row:
        where = f"{event.topic}-{event.partition}"
        if event.leader < 0:
            return Row(index, Shape.MARK, THE_CONTROLLER, "", f"nobody leads {where}", Manner.BAD)
        words = f"b{event.leader} leads {where} e{event.leader_epoch}"
        return Row(index, Shape.MARK, THE_CONTROLLER, "", words, Manner.BAD if event.is_unclean else Manner.LEADS)

    def _isr_changed(self, index: int, event: cluster.IsrChanged) -> Row:
        isr = ",".join(map(str, sorted(event.isr)))
        return Row(index, Shape.MARK, THE_CONTROLLER, "", f"{event.topic}-{event.partition} ISR {isr}")

    def _registered(self, index: int, event: cluster.BrokerRegistered) -> Row:
        return Row(index, Shape.WHOLE, f"b{event.broker}", THE_CONTROLLER, "registers")

    def _standing(self, index: int, event: Any) -> Row:
        word, manner = _STANDINGS[type(event)]
        return Row(index, Shape.MARK, THE_CONTROLLER, "", f"b{event.broker} {word}", manner)

    def _life(self, index: int, event: Any) -> Row:
        words, manner = _LIVES[type(event)]
        lane = f"b{event.broker}" if "broker" in event._fields else event.client
        return Row(index, Shape.MARK, lane, "", words, manner)

    def _detained(self, index: int, event: cluster.RequestDetained) -> Row:
        words = f"{event.api} {event.correlation_id} is detained"
        return Row(index, Shape.MARK, event.client, "", words, Manner.FAULT)

    def _marker(self, index: int, event: cluster.MarkerAppended) -> Row:
        words = f"{'COMMIT' if event.is_commit else 'ABORT'} at {event.offset}"
        return Row(index, Shape.MARK, f"b{event.broker}", "", words)

    def _markers_sent(self, index: int, event: cluster.MarkersSent) -> Row:
        words = f"{'commit' if event.is_commit else 'abort'} {event.transactional_id}"
        return Row(index, Shape.WHOLE, f"b{event.broker}", f"b{event.target}", words)

    def _fault(self, index: int, event: cluster.FaultInjected) -> Row:
        return Row(index, Shape.FAULT, "", "", event.fault, Manner.FAULT)


ANSWERS_BEHIND = 400
"""How many events before an answer its decisions are looked for."""


def _request(event: Any) -> tuple[str, int, int]:
    return event.client, event.connection, event.correlation_id


def _code(code: int) -> str:
    return "the client gave up" if code == CODE_NOT_SENT else error_code(code).name


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


_STANDINGS = {
    cluster.BrokerFenced: ("is fenced", Manner.BAD),
    cluster.BrokerUnfenced: ("counts again", Manner.PLAIN),
}
_LIVES = {
    cluster.BrokerCrashed: ("crashes", Manner.FAULT),
    cluster.BrokerStopping: ("is asked to stop", Manner.FAULT),
    cluster.BrokerStopped: ("stops", Manner.FAULT),
    cluster.BrokerPaused: ("stands still", Manner.FAULT),
    cluster.BrokerResumed: ("goes on", Manner.PLAIN),
    cluster.BrokerStarted: ("starts", Manner.PLAIN),
    cluster.ApplicationStarted: ("starts", Manner.PLAIN),
    cluster.ApplicationStopping: ("is asked to stop", Manner.FAULT),
    cluster.ApplicationStopped: ("ends", Manner.PLAIN),
    cluster.ApplicationKilled: ("is killed", Manner.FAULT),
    cluster.ApplicationPaused: ("stands still", Manner.FAULT),
    cluster.ApplicationResumed: ("goes on", Manner.PLAIN),
}

_ROWS: dict[type[Any], Callable[[Rows, int, Any], Row | None]] = {
    engine.BatchSent: Rows._batch_sent,
    cluster.RequestReceived: Rows._received,
    cluster.ResponseSent: Rows._response_sent,
    cluster.ResponseDropped: Rows._response_dropped,
    engine.BatchAcknowledged: Rows._answer_read,
    engine.BatchRetried: Rows._answer_read,
    engine.BatchFailed: Rows._answer_read,
    engine.BatchSplit: Rows._answer_read,
    engine.MetadataLearned: Rows._answer_read,
    engine.IdentityAssigned: Rows._answer_read,
    engine.ConnectionReady: Rows._answer_read,
    cluster.RecordRead: Rows._answer_read,
    cluster.BatchReplicated: Rows._replicated,
    cluster.BatchAppended: Rows._appended,
    cluster.BatchDeduplicated: Rows._deduplicated,
    cluster.LogTruncated: Rows._truncated,
    cluster.BecameLeader: Rows._became_leader,
    cluster.BecameFollower: Rows._became_follower,
    cluster.LeaderElected: Rows._elected,
    cluster.IsrChanged: Rows._isr_changed,
    cluster.BrokerRegistered: Rows._registered,
    cluster.MarkerAppended: Rows._marker,
    cluster.MarkersSent: Rows._markers_sent,
    cluster.RequestDetained: Rows._detained,
    cluster.FaultInjected: Rows._fault,
    **dict.fromkeys(_STANDINGS, Rows._standing),
    **dict.fromkeys(_LIVES, Rows._life),
}
