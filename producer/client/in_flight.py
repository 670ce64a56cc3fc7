"""The requests on the way to one broker: their numbers, who is next to be answered, when the first runs out of time, throttling.

Kafka: InFlightRequests. It outlives connections, as the link does that has it.
"""

from __future__ import annotations

from collections import deque

from producer.client.backoff import NEVER_US
from producer.client.requests import Asker, InFlight
from producer.errors import MalformedError
from producer.wire.api import ApiKey, read_correlation_id

THROTTLED_SINCE = {
    ApiKey.PRODUCE: 6,
    ApiKey.FETCH: 8,
    ApiKey.METADATA: 6,
    ApiKey.API_VERSIONS: 2,
    ApiKey.FIND_COORDINATOR: 2,
    ApiKey.INIT_PRODUCER_ID: 1,
    ApiKey.ADD_PARTITIONS_TO_TXN: 1,
    ApiKey.ADD_OFFSETS_TO_TXN: 1,
    ApiKey.END_TXN: 1,
    ApiKey.TXN_OFFSET_COMMIT: 1,
}
"""From which version on a throttled broker answers at once, and the client waits (KIP-219)."""

PASSED_US = 1_000
"""Kafka counts in whole milliseconds, and a request is late once more than its time has passed. A broker that ran out of time
with it, the same time, says so just before (InFlightRequest.timeElapsedSinceSendMs)."""

REQUESTS_QUEUED_MAX = 1 << 20
"""Far above any in-flight limit: a link that gets there has a bug."""


class InFlightRequests:
    """Requests that wait for their answers, oldest first, and one that waits to be written. Times are microseconds."""

    __slots__ = ("_correlation_id", "_unwritten", "_waiting", "answered", "throttled_until_us")

    def __init__(self) -> None:
        self.answered = 0
        """Answers received, on all connections."""
        self.throttled_until_us = 0
        self._waiting: deque[InFlight] = deque()
        self._unwritten: InFlight | None = None
        """A request that nobody will answer, and that the operating system has not taken yet: no other leaves meanwhile
        (InFlightRequests.canSendMore)."""
        self._correlation_id = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._waiting) + (self._unwritten is not None)

    @property
    def awaited(self) -> int:
        """How many of them will be answered."""
        return len(self._waiting)

    @property
    def deadline_us(self) -> int:
        """When the first of them runs out of time; `NEVER_US` if there is none."""
        due_us = self._waiting[0].deadline_us if self._waiting else NEVER_US
        return due_us if self._unwritten is None else min(due_us, self._unwritten.deadline_us)

    def takes_another(self, now_us: int, *, in_flight_max: int) -> bool:
        """Whether a request can leave now, on a connection that is ready."""
        return len(self._waiting) < in_flight_max and self._unwritten is None and now_us >= self.throttled_until_us

    def add(
        self,
        api: ApiKey,
        version: int,
        *,
        connection: int,
        now_us: int,
        timeout_us: int,
        asker: Asker | None,
        is_answered: bool,
    ) -> InFlight:
        """Number another one."""
        assert len(self._waiting) < REQUESTS_QUEUED_MAX
        self._correlation_id = (self._correlation_id + 1) & 0x7FFFFFFF
        deadline_us = now_us + timeout_us + PASSED_US
        sent = InFlight(api, version, self._correlation_id, connection, now_us, deadline_us, asker)
        if is_answered:
            self._waiting.append(sent)
        else:
            self._unwritten = sent
        return sent

    def written(self) -> InFlight | None:
        """The operating system has taken what was to be reported: give the request, which is over with that."""
        sent, self._unwritten = self._unwritten, None
        return sent

    def answered_by(self, payload: bytes, *, node_id: int) -> InFlight:
        """Give the request that this answers, which `answer_taken` ends. Raises MalformedError if it is not the oldest."""
        correlation_id = read_correlation_id(payload)
        if not self._waiting or self._waiting[0].correlation_id != correlation_id:
            waited_for = self._waiting[0].correlation_id if self._waiting else "none"
            msg = f"broker {node_id} answered correlation id {correlation_id}, awaited {waited_for}"
            raise MalformedError(msg)
        return self._waiting[0]

    def answer_taken(self) -> None:
        """The oldest has its answer."""
        self._waiting.popleft()
        self.answered += 1

    def lose(self) -> list[InFlight]:
        """The connection is over: give the requests that nobody will answer, oldest first."""
        unanswered = list(self._waiting)
        self._waiting.clear()
        if self._unwritten is not None:
            unanswered.append(self._unwritten)
            self._unwritten = None
        return unanswered

    def throttle(self, request: InFlight, throttle_time_ms: int, now_us: int) -> None:
        """Send nothing for so long, if the answer to the request asks for it: older versions' brokers wait themselves.

        A broker that throttles a connection reads nothing more from it meanwhile, so that time is none in which it could
        have answered what is in flight behind (InFlightRequests.incrementThrottleTime).
        """
        if throttle_time_ms > 0 and request.version >= THROTTLED_SINCE.get(request.api, 0):
            throttle_us = throttle_time_ms * 1_000
            self.throttled_until_us = max(self.throttled_until_us, now_us + throttle_us)
            for place, behind in enumerate(self._waiting):
                self._waiting[place] = behind._replace(deadline_us=behind.deadline_us + throttle_us)
            if self._unwritten is not None:
                self._unwritten = self._unwritten._replace(deadline_us=self._unwritten.deadline_us + throttle_us)
