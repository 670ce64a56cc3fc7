"""Records carry the time at which something happened, and where; one clock is ahead, and the brokers refuse what it stamped.

A record's CreateTime is the application's word, and so are its headers. Here each record is written out: a sensor in the
cellar keeps the time, one under the roof is two hours ahead. A leader takes no record that is more than an hour ahead of its
own clock (message.timestamp.after.max.ms), and it takes a batch whole or not at all. So the roof's records fail for good, no
retry helps, and so do those of the cellar that share a batch with one of them: INVALID_TIMESTAMP for the batch, the records at
fault are named, and each application's record is told for itself that it is certainly not written.

KIP-937 for the limits, KIP-467 for the records that are named.
"""

from producer import Record
from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload

CALENDAR_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, when the simulated calendar begins."""
HOUR_MS = 3_600_000


def measured(number: int) -> Record:
    """One measurement: every third comes from under the roof."""
    place, ahead_ms = (b"roof", 2 * HOUR_MS) if number % 3 == 2 else (b"cellar", 0)
    return Record(
        "measurements",
        b"%d degrees" % (number + 10),
        key=place,
        partition=0,
        headers=(("sensor", place), ("number", b"%d" % number)),
        timestamp_ms=CALENDAR_MS + number * 1_000 + ahead_ms,
    )


SCENARIO = Scenario(
    name="event_time_ahead",
    question="Some records say that they were made in two hours: which are written, and who is told?",
    cluster=ClusterConfig(topics=(TopicConfig("measurements"),)),
    workload=Workload(records=tuple(map(measured, range(30))), phases=(Phase(every_us=20_000),)),
    notes="Try --set batch.size=0: each record has a batch of its own, and only the roof's fail.",
)
