"""A topic that keeps the last value of each key: cleaners take the rest, and the leader dies while its own is at work.

Balances of four accounts are written in turn; every fifteenth record has no value, and so closes its account (a tombstone). Each
replica compacts its own log, in its own time: it never touches the segment that is written to, nor anything above the high
watermark, and what it has written anew takes the place of the old segments at once. So a crash in the middle leaves some segments as
they were and others cleaned, and the next leader's log, cleaned or not, says the same of every account.

Whoever reads it from the beginning at the end is given a part of the records, and passes over gaps: the last value of each
account is among them. An acknowledged record that a later one has made old is not lost.
"""

from sim import SECOND_US, ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, after, event, leader

SCENARIO = Scenario(
    name="last_value_of_each_key",
    question="A compacted topic, and its leader dies while it is being cleaned: is the last value of every key still there?",
    cluster=ClusterConfig(
        topics=(
            TopicConfig(
                "accounts",
                cleanup_policy=("compact",),
                # Small, so that there is something to clean in a minute: a segment lasts a second.
                segment_ms=1_000,
                min_cleanable_dirty_ratio=0.2,
            ),
        ),
        log_cleaner_backoff_us=3 * SECOND_US,
    ),
    workload=Workload(
        topic="accounts",
        records=60,
        keys=KeysInTurn(4, prefix="account"),
        tombstone_every=15,
        phases=(Phase(share=2, every_us=150_000), Phase(every_us=150_000, quiet_us=5 * SECOND_US)),
    ),
    schedule=(
        after(event("SegmentsCleaned", nth=2, where={"broker": 1})).crash(leader("accounts-0"), disk="unflushed lost"),
    ),
    expects=frozenset(),
    notes="Try --fault 'at 0s: alter topic accounts set cleanup.policy=delete': everything is read back.",
)
