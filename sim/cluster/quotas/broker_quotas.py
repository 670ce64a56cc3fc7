"""One broker's quotas: bytes of Produce, bytes of Fetch, and time spent on requests (Kafka's QuotaFactory.QuotaManagers).

They are kept by broker: a client that speaks to three of them may have three times as much. A broker that starts again has
counted nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.quotas.entity import IP
from sim.cluster.quotas.limits import CONSUMER_BYTE_RATE, PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE
from sim.cluster.quotas.rate_quota import RateQuota
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.config import ClusterConfig
    from sim.cluster.metadata_states import QuotaState

_NANOSECONDS = 1000
_PERCENT_OF_NANOSECOND = 100.0 / 1_000_000_000


class BrokerQuotas:
    """What clients of one life of a broker are allowed, and what they have come to."""

    __slots__ = ("_by_limit", "are_of_consumers", "are_of_producers", "fetch", "produce", "request")

    def __init__(self, config: ClusterConfig, quotas: Iterable[QuotaState]) -> None:
        samples, window_ms = config.quota_window_num, config.quota_window_size_us // MILLISECOND_US
        self.produce = RateQuota(samples=samples, window_ms=window_ms)
        """In bytes of whole requests."""
        self.fetch = RateQuota(samples=samples, window_ms=window_ms)
        """In bytes of answers, records and all."""
        self.request = RateQuota(samples=samples, window_ms=window_ms, is_bounded=True)
        """In percent of one thread's time."""
        self.are_of_consumers = False
        """Whether there are quotas that a Fetch may exceed."""
        self.are_of_producers = False
        """Whether there are quotas that a Produce may exceed."""
        self._by_limit = {
            PRODUCER_BYTE_RATE: self.produce,
            CONSUMER_BYTE_RATE: self.fetch,
            REQUEST_PERCENTAGE: self.request,
        }
        for quota in quotas:
            self.put(quota)

    def put(self, quota: QuotaState) -> None:
        """Let an entity have these limits and no others."""
        if quota.entity.has(IP):
            return
        limits = dict(quota.limits)
        for name, rate_quota in self._by_limit.items():
            rate_quota.put(quota.entity, limits.get(name))
        self.are_of_consumers = self.fetch.is_enabled or self.request.is_enabled
        self.are_of_producers = self.produce.is_enabled or self.request.is_enabled


def percentage(busy_us: int) -> float:
    """Say what part of a second's work that is, in percent."""
    return busy_us * _NANOSECONDS * _PERCENT_OF_NANOSECOND
