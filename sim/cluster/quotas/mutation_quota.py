"""The quota on what is created and deleted at the controller, in partitions (Kafka's ControllerMutationQuotaManager, KIP-599)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.envelope import RefusedError
from sim.cluster.quotas.client_limits import ClientLimits, Tags
from sim.cluster.quotas.throttle_time import as_int, bucket_throttle_ms
from sim.cluster.quotas.token_bucket import TokenBucket

if TYPE_CHECKING:
    from sim.cluster.quotas.entity import QuotaEntity

EXCEEDED = "The throttling quota has been exceeded."


class MutationQuota:
    """The limits, and the bucket of each client. Of one active controller: the next one begins with buckets that are full."""

    __slots__ = ("_buckets", "_limits", "_samples", "_window_ms")

    def __init__(self, *, samples: int, window_ms: int) -> None:
        self._samples = samples
        self._window_ms = window_ms
        self._limits = ClientLimits()
        self._buckets: dict[Tags, TokenBucket] = {}

    def put(self, entity: QuotaEntity, limit: float | None) -> None:
        """Set the limit of an entity, or take it away for None."""
        self._limits.put(entity, limit)

    def forget(self) -> None:
        """Let every bucket be full, as at a controller that has just become active."""
        self._buckets.clear()

    def permits(self, user: str, client_id: str, now_ms: int, *, is_strict: bool) -> Permits:
        """Give what one request of a client is measured by; `is_strict` refuses, where others are only made to wait."""
        if self._limits.is_empty:
            return UNLIMITED_PERMITS
        tags = self._limits.tags(user, client_id)
        bucket = self._buckets.get(tags)
        if bucket is None:
            bucket = self._buckets[tags] = TokenBucket(self._samples, self._window_ms)
        return Permits(bucket, self._limits.limit(tags), now_ms, is_strict=is_strict)


class Permits:
    """What one request may create and delete (StrictControllerMutationQuota, PermissiveControllerMutationQuota)."""

    __slots__ = ("_bucket", "_is_strict", "_limit", "_now_ms", "throttle_ms")

    def __init__(self, bucket: TokenBucket | None, limit: float, now_ms: int, *, is_strict: bool) -> None:
        self._bucket = bucket
        self._limit = limit
        self._now_ms = now_ms
        self._is_strict = is_strict
        self.throttle_ms = 0
        """How long the client is made to wait."""

    def take(self, partitions: int) -> None:
        """Create or delete so many. Raises RefusedError where that is refused: the bucket was below zero before."""
        if self._bucket is None:
            return
        if not self._is_strict:
            self._bucket.take(partitions, self._limit, self._now_ms)
        tokens = self._bucket.tokens(self._limit, self._now_ms)
        if tokens < 0:
            self.throttle_ms = as_int(bucket_throttle_ms(tokens, self._limit))
            if self._is_strict:
                raise RefusedError(Code.THROTTLING_QUOTA_EXCEEDED, EXCEEDED)
        elif self._is_strict:
            self._bucket.take(partitions, self._limit, self._now_ms)


UNLIMITED_PERMITS = Permits(None, 0.0, 0, is_strict=True)
"""Of whoever has no quota."""
