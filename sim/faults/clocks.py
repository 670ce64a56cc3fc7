"""The fault of a wrong clock: one host's calendar is ahead or behind; what it measures, it measures as before.

Kafka's brokers take heartbeats, sessions, and how long a request waits from a clock that only goes forwards
(nanoTime: BrokerHeartbeatTracker, KafkaEventQueue, SystemTimer). From the calendar (currentTimeMillis) they take LogAppendTime, the bounds of a record's
time, the age of producers' state, and for how long a follower has lagged: so a leader whose clock is set back waits for a
follower that hangs until its clock has caught up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.targets import HOST_TARGET, HostTarget, known_host, parse_host, target_text
from sim.faults.text import DURATION, duration_text, parse_duration, read_durations

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class SetClock:
    """A host's clock is wrong, so far ahead of the others or behind, until it is set right; all timers go on as they were."""

    PATTERN: ClassVar = re.compile(
        rf"clock (?P<host>{HOST_TARGET}) (?:(?P<offset>{DURATION}) (?P<side>ahead|behind)|(?P<right>right))"
    )
    EXAMPLE: ClassVar = "clock b1 7200s ahead | clock producer-1 90s behind | clock leader(orders-0) right"

    host: HostTarget
    offset_us: int
    """Ahead of the world's time; negative behind it."""
    kind: Literal["set clock"] = "set clock"

    def __post_init__(self) -> None:
        read_durations(self)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        host = parse_host(match["host"])
        if match["right"]:
            return cls(host, 0)
        offset_us = parse_duration(match["offset"])
        return cls(host, -offset_us if match["side"] == "behind" else offset_us)

    def __str__(self) -> str:
        host = target_text(self.host)
        if not self.offset_us:
            return f"clock {host} right"
        return f"clock {host} {duration_text(abs(self.offset_us))} {'behind' if self.offset_us < 0 else 'ahead'}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the host at this moment. Raises NotInjectedError if there is none."""
        return replace(self, host=parse_host(known_host(self.host, cluster)))

    def inject(self, cluster: Cluster) -> None:
        """Strike now. Raises NotInjectedError if the host is not there."""
        cluster.set_clock(known_host(self.host, cluster), self.offset_us)
