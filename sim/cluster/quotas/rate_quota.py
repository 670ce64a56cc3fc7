"""A quota on a rate: bytes of producers, bytes of consumers, time of requests (Kafka's ClientQuotaManager, ClientRequestQuotaManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.quotas.client_limits import UNLIMITED, ClientLimits, Tags
from sim.cluster.quotas.rate import Rate
from sim.cluster.quotas.throttle_time import as_int, rate_throttle_ms

if TYPE_CHECKING:
    from sim.cluster.quotas.entity import QuotaEntity

_INT_MAX = 0x7FFFFFFF
RATES_KEPT = 1_000
"""Of so many who are counted, those are let go who have not been seen for longer than anything counts."""


class RateQuota:
    """The limits of one kind at one broker, and what each client has come to."""

    __slots__ = ("_is_bounded", "_limits", "_rates", "_samples", "_seen_ms", "_window_ms", "is_enabled")

    def __init__(self, *, samples: int, window_ms: int, is_bounded: bool = False) -> None:
        """`is_bounded`: nobody waits for longer than one window at a time, as for the time of requests."""
        self._samples = samples
        self._window_ms = window_ms
        self._is_bounded = is_bounded
        self._limits = ClientLimits()
        self.is_enabled = False
        """Whether anybody has such a limit. Where nobody has, nothing is counted."""
        self._rates: dict[Tags, Rate] = {}
        self._seen_ms: dict[Tags, int] = {}

    def put(self, entity: QuotaEntity, limit: float | None) -> None:
        """Set the limit of an entity, or take it away for None; what was counted so far counts on."""
        self._limits.put(entity, limit)
        self.is_enabled = not self._limits.is_empty

    def record(self, user: str, client_id: str, value: float, now_ms: int) -> int:
        """Count, and give the time to wait in milliseconds; 0 within the limit, and where nobody has one."""
        if not self.is_enabled:
            return 0
        tags = self._limits.tags(user, client_id)
        rate = self._rate(tags, now_ms)
        rate.record(value, now_ms)
        per_second, limit = rate.per_second(now_ms), self._limits.limit(tags)
        if per_second <= limit:
            return 0
        throttle_ms = rate_throttle_ms(per_second, limit, rate.window_ms(now_ms))
        return as_int(min(throttle_ms, self._window_ms) if self._is_bounded else throttle_ms)

    def unrecord(self, user: str, client_id: str, value: float, now_ms: int) -> None:
        """Take back what was counted, for it is not going to be."""
        if self.is_enabled:
            self._rate(self._limits.tags(user, client_id), now_ms).record(-value, now_ms)

    def most_at_once(self, user: str, client_id: str) -> int:
        """Give what a client may have in one go after a long silence: anything more is throttled for sure."""
        if not self.is_enabled:
            return _INT_MAX
        limit = self._limits.limit(self._limits.tags(user, client_id))
        if limit == UNLIMITED:
            return _INT_MAX
        return int(min(limit * (self._samples - 1) * (self._window_ms // 1000), _INT_MAX))

    def _rate(self, tags: Tags, now_ms: int) -> Rate:
        rate = self._rates.get(tags)
        if rate is None:
            self._forget(now_ms)
            rate = self._rates[tags] = Rate(self._samples, self._window_ms)
        self._seen_ms[tags] = now_ms
        return rate

    def _forget(self, now_ms: int) -> None:
        if len(self._rates) < RATES_KEPT:
            return
        age_ms = (self._samples + 1) * self._window_ms
        for tags in [tags for tags, seen_ms in self._seen_ms.items() if now_ms - seen_ms > age_ms]:
            del self._rates[tags], self._seen_ms[tags]
