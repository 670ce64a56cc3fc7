"""Which event sent what another received: requests of batches, answers, copies, words of the controller; found in one pass."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from producer import events as engine
from sim.trace import events as cluster

NOBODY = -1
LOST = -2
"""In place of a receipt: it never arrived."""

_Request = tuple[str, int, int]


class Messages:
    """For each event the one that sent what it receives, and the one that receives what it sends."""

    __slots__ = ("_ends", "_events", "_pass", "_receipts", "_sends")

    def __init__(self, events: Sequence[Any]) -> None:
        """Go through the trace once."""
        self._events = events
        self._sends = array("i")
        self._receipts = array("i")
        self._ends: dict[int, int] = {}
        """A message that was lost -> the event that lost it."""
        self._pass = _Pass(self._sends, self._receipts, self._ends)
        self.grow()

    def grow(self) -> None:
        """Go on with the events that are new."""
        seen, total = len(self._sends), len(self._events)
        more = array("i", [NOBODY]) * (total - seen)
        self._sends.extend(more)
        self._receipts.extend(more)
        for number in range(seen, total):
            event = self._events[number]
            take = _TAKES.get(type(event))
            if take is not None:
                take(self._pass, number, event)

    def sent_by(self, index: int) -> int | None:
        """Give the event that sent what this one receives; None if it receives nothing, or nobody knows when it was sent."""
        found = self._sends[index]
        return found if found >= 0 else None

    def received_by(self, index: int) -> int | None:
        """Give the event that receives what this one sends; None if it sends nothing, or it never arrived."""
        found = self._receipts[index]
        return found if found >= 0 else None

    def is_lost(self, index: int) -> bool:
        """Whether what this event sends never arrives: it was lost, or was on its way still when the run was over."""
        if self._receipts[index] == LOST:
            return True
        return self.is_under_way(index) and type(self._events[-1]) is cluster.RunEnded

    def is_under_way(self, index: int) -> bool:
        """Whether what this event sends has neither arrived nor been lost by the last event there is."""
        return index in self._pass.under_way

    def lost_by(self, index: int) -> int | None:
        """Give the event by which a fault lost what this one sends; None if no event says so."""
        return self._ends.get(index)


class _Pass:
    """What is under way while a trace is gone through."""

    def __init__(self, sends: array[int], receipts: array[int], ends: dict[int, int]) -> None:
        self.sends = sends
        self.receipts = receipts
        self.ends = ends
        self.requests: dict[_Request, list[int]] = {}
        """Batches on their way to a broker."""
        self.attempts: dict[tuple[str, int], _Request] = {}
        """(client, batch) -> the request of its last attempt."""
        self.responses: dict[_Request, int] = {}
        """Answers to batches, on their way."""
        self.other_responses: dict[str, int] = {}
        """client -> the last answer to something else, on its way."""
        self.carrying: set[_Request] = set()
        """Requests that carry batches."""
        self.appended: dict[tuple[str, int, int, int], int] = {}
        self.elected: dict[tuple[str, int, int], int] = {}

    def join(self, send: int, receipt: int) -> None:
        self.sends[receipt] = send
        if self.receipts[send] < 0:
            self.receipts[send] = receipt

    def lose(self, send: int, by: int | None = None) -> None:
        self.receipts[send] = LOST
        if by is not None:
            self.ends[send] = by

    @property
    def under_way(self) -> Iterator[int]:
        """What has neither arrived nor been lost."""
        for sent in self.requests.values():
            yield from sent
        yield from self.responses.values()


def _request(event: Any) -> _Request:
    return event.client, event.connection, event.correlation_id


def _batch_sent(this: _Pass, number: int, event: engine.BatchSent) -> None:
    request = _request(event)
    this.requests.setdefault(request, []).append(number)
    this.attempts[event.client, event.batch] = request
    this.carrying.add(request)


def _received(this: _Pass, number: int, event: cluster.RequestReceived) -> None:
    for sent in this.requests.pop(_request(event), ()):
        this.join(sent, number)


def _request_lost(this: _Pass, number: int, event: cluster.RequestLost) -> None:
    for sent in this.requests.pop(_request(event), ()):
        this.lose(sent, number)


def _response_sent(this: _Pass, number: int, event: cluster.ResponseSent) -> None:
    request = _request(event)
    if request in this.carrying:
        this.responses[request] = number
    else:
        this.other_responses[event.client] = number


def _response_dropped(this: _Pass, number: int, event: cluster.ResponseDropped) -> None:
    # The answer was not sent, or it was and nobody gets it: this event is both ends of it.
    this.lose(number, number)
    sent = this.responses.pop(_request(event), None)
    if sent is not None:
        this.lose(sent, number)


def _answer_read(this: _Pass, number: int, event: Any) -> None:
    """A batch has its answer, or was given up for want of one."""
    request = this.attempts.pop((event.client, event.batch), None)
    sent = None if request is None else this.responses.get(request)
    if request is None or sent is None:
        return
    if type(event) is engine.BatchRetried and event.code == NETWORK_EXCEPTION:
        this.lose(sent)
    else:
        this.join(sent, number)
    # One answer may be that of several batches: it stays for the others, and is found no more once they have it.
    if request not in this.attempts.values():
        del this.responses[request]


def _other_answer_read(this: _Pass, number: int, event: Any) -> None:
    sent = this.other_responses.pop(event.client, None)
    if sent is not None:
        this.join(sent, number)


def _appended(this: _Pass, number: int, event: cluster.BatchAppended) -> None:
    this.appended[event.topic, event.partition, event.leader_epoch, event.base_offset] = number


def _replicated(this: _Pass, number: int, event: cluster.BatchReplicated) -> None:
    sent = this.appended.get((event.topic, event.partition, event.leader_epoch, event.base_offset))
    if sent is not None:
        this.sends[number] = sent


def _elected(this: _Pass, number: int, event: cluster.LeaderElected) -> None:
    this.elected[event.topic, event.partition, event.leader_epoch] = number


def _became(this: _Pass, number: int, event: cluster.BecameLeader | cluster.BecameFollower) -> None:
    sent = this.elected.get((event.topic, event.partition, event.leader_epoch))
    if sent is not None:
        this.sends[number] = sent


NETWORK_EXCEPTION = 13
"""What a client itself says of an attempt whose answer never came."""

_TAKES: dict[type[Any], Callable[[_Pass, int, Any], None]] = {
    engine.BatchSent: _batch_sent,
    cluster.RequestReceived: _received,
    cluster.RequestLost: _request_lost,
    cluster.ResponseSent: _response_sent,
    cluster.ResponseDropped: _response_dropped,
    engine.BatchAcknowledged: _answer_read,
    engine.BatchRetried: _answer_read,
    engine.BatchFailed: _answer_read,
    engine.BatchSplit: _answer_read,
    engine.MetadataLearned: _other_answer_read,
    engine.IdentityAssigned: _other_answer_read,
    engine.ConnectionReady: _other_answer_read,
    cluster.RecordRead: _other_answer_read,
    cluster.BatchAppended: _appended,
    cluster.BatchReplicated: _replicated,
    cluster.LeaderElected: _elected,
    cluster.BecameLeader: _became,
    cluster.BecameFollower: _became,
}
