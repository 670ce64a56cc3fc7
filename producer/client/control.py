"""Control requests: one queue by priority, one in flight, each brought to its end whatever becomes of it on the way.

What `org.apache.kafka.clients.producer.internals.TransactionManager` does with its pending requests, for whoever has
something to ask: an id, a coordinator, the parts of a transaction, what an administrator wants.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Protocol

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.coordinators import Coordinators
from producer.client.ruling import FIND_COORDINATOR, NO_LIMIT_US, Again, Fatal, Refind
from producer.errors import Code, PeerError, UnsupportedVersionError, error_code

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.client.coordinators import CoordinatorKey
    from producer.client.links import Links
    from producer.client.requests import Answer, Loss
    from producer.client.ruling import Abortable, Ending, Ruling
    from producer.client.settings import ClientSettings
    from producer.wire.api import ApiKey


class Throttled(Protocol):
    """What every response tells besides."""

    @property
    def throttle_time_ms(self) -> int: ...


class Requester(Protocol):
    """Something to ask for, and how its answer is to be taken."""

    api: ApiKey
    priority: int
    """Lower goes first; in turn among equals."""
    target: CoordinatorKey | None
    """Whose coordinator to ask; None for any broker."""
    at_most: int | None
    """The highest version to speak; None for whatever both sides do."""

    def encode(self, version: int) -> bytes:
        """Give the body of the request, as things are when it leaves."""
        ...

    def decode(self, body: bytes, version: int) -> Throttled:
        """Read the body of an answer. Raises PeerError: the connection is ended over it, and it is asked again."""
        ...

    def take(self, told: Any, /) -> Ruling:
        """Say what an answer means, as `decode` gave it."""
        ...

    def ended(self, ending: Ending, now_us: int, /) -> None:
        """Hear, exactly once, how it ended: as `take` said, or because no broker speaks the API, or has the coordinator."""


class _Pending:
    """A requester in the queue, or in flight."""

    __slots__ = ("failures", "not_before_us", "number", "requester")

    def __init__(self, requester: Requester, number: int) -> None:
        self.requester = requester
        self.number = number
        self.failures = 0
        self.not_before_us = 0

    def __lt__(self, other: _Pending) -> bool:
        return (self.requester.priority, self.number) < (other.requester.priority, other.number)


class Control:
    """The queue. The first one in it holds back the others, also while it waits for its back-off: order is kept."""

    __slots__ = ("_asked", "_chance", "_coordinators", "_in_flight", "_is_closed", "_links", "_queue", "_settings")

    def __init__(self, settings: ClientSettings, *, links: Links, chance: Chance) -> None:
        self._settings = settings
        self._links = links
        self._chance = chance
        self._coordinators = Coordinators(links)
        self._queue: list[_Pending] = []
        """A heap."""
        self._in_flight: _Pending | None = None
        self._is_closed = False
        self._asked = 0

    def ask(self, requester: Requester) -> None:
        """Queue a request; `advance` sends it."""
        assert requester.target is None or requester.priority > FIND_COORDINATOR, "its coordinator is found first"
        self._asked += 1
        heappush(self._queue, _Pending(requester, self._asked))

    def withdraw(self, requester: Requester) -> bool:
        """Ask a request no longer that never left: it does not hear of its end. Gives False if it may have left."""
        for pending in self._queue:
            if pending.requester is requester and not pending.failures:
                self._queue.remove(pending)
                heapify(self._queue)
                return True
        return False

    @property
    def is_idle(self) -> bool:
        """Whether everything that was asked has ended."""
        return self._in_flight is None and not self._queue

    def awaits(self, node_id: int) -> bool:
        """Whether the first request waits for this broker, or for any."""
        if not self._queue:
            return False
        target = self._queue[0].requester.target
        coordinator = None if target is None else self._coordinators.node(target)
        return coordinator is None or coordinator == node_id

    def advance(self, now_us: int) -> None:
        """Send the first request, if it is due and its broker is ready."""
        if self._is_closed:
            return
        while self._in_flight is None and self._queue and now_us >= self._queue[0].not_before_us:
            pending = self._queue[0]
            target = pending.requester.target
            node_id = self._links.any_ready(now_us) if target is None else self._coordinators.node(target)
            if target is None:
                if node_id is None:
                    return
            elif node_id is None:
                # It stands before whatever waits for a coordinator.
                self.ask(self._coordinators.seek(target, self._fail))
                continue
            elif not self._links.is_ready(node_id, now_us):
                if self._links.reconnect_at_us(node_id, now_us) == NEVER_US:
                    # It is connected to, or being so.
                    return
                # It cannot be reached: perhaps another broker coordinates by now.
                heappop(self._queue)
                self._rule(pending, Refind(), now_us)
                continue
            heappop(self._queue)
            self._send(pending, node_id, now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received; `NEVER_US` for never."""
        if self._is_closed or self._in_flight is not None or not self._queue:
            return NEVER_US
        pending = self._queue[0]
        if pending.not_before_us > now_us:
            return pending.not_before_us
        target = pending.requester.target
        node_id = None if target is None else self._coordinators.node(target)
        return self._links.next_try_us(now_us) if node_id is None else self._links.reconnect_at_us(node_id, now_us)

    def close(self) -> None:
        """Ask nothing more; who still waits is not told."""
        self._is_closed = True
        self._queue.clear()

    # -- as an asker -------------------------------------------------------------------------------------------------

    def answered(self, answer: Answer, now_us: int) -> None:
        """Let the requester say what the answer means."""
        pending, self._in_flight = self._in_flight, None
        assert pending is not None
        requester = pending.requester
        try:
            told = requester.decode(answer.body, answer.request.version)
            ruling = requester.take(told)
        except PeerError as nonsense:
            self._links.break_link(answer.node_id, answer.request.connection, str(nonsense), now_us)
            self._put_back(pending, now_us)
            return
        self._links.throttle(answer, told.throttle_time_ms, now_us)
        self._rule(pending, ruling, now_us)

    def lost(self, loss: Loss, now_us: int) -> None:  # noqa: ARG002 - however it was lost
        """Ask again; a coordinator that was lost is looked for anew, for it may have moved."""
        pending, self._in_flight = self._in_flight, None
        assert pending is not None
        self._rule(pending, Refind(), now_us)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _send(self, pending: _Pending, node_id: int, now_us: int) -> None:
        requester = pending.requester
        try:
            self._links.send(
                node_id, requester.api, requester.encode, asker=self, now_us=now_us, at_most=requester.at_most
            )
        except UnsupportedVersionError:
            requester.ended(Fatal(error_code(Code.UNSUPPORTED_VERSION)), now_us)
        else:
            self._in_flight = pending

    def _rule(self, pending: _Pending, ruling: Ruling, now_us: int) -> None:
        if isinstance(ruling, Refind) and pending.requester.target is not None:
            self._coordinators.forget(pending.requester.target)
        if isinstance(ruling, Again):
            self._put_back(pending, now_us, within_us=ruling.within_us)
        elif isinstance(ruling, Refind):
            self._put_back(pending, now_us)
        else:
            pending.requester.ended(ruling, now_us)

    def _put_back(self, pending: _Pending, now_us: int, within_us: int = NO_LIMIT_US) -> None:
        pending.failures += 1
        settings = self._settings
        pause_us = backoff_us(settings.retry_backoff_us, settings.retry_backoff_max_us, pending.failures, self._chance)
        pending.not_before_us = now_us + min(pause_us, within_us)
        heappush(self._queue, pending)

    def _fail(self, target: CoordinatorKey, ending: Abortable | Fatal, now_us: int) -> None:
        """End whatever waits for a coordinator that cannot be had."""
        ending_now = sorted(one for one in self._queue if one.requester.target == target)
        self._queue = [one for one in self._queue if one.requester.target != target]
        heapify(self._queue)
        for pending in ending_now:
            pending.requester.ended(ending, now_us)
