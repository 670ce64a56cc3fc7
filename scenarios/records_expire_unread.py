"""What is too old is removed, whether anybody has read it or not, and where a late reader goes on is its own choice.

The topic keeps records for twenty seconds (`retention.ms`). A reader is cut off for forty, and when it comes back its offset is not in
the log any more. What went in between nobody gives it: no acknowledged record is lost by that, for its topic's settings wanted it
so, and the report says how many went before anybody read them. `auto.offset.reset` decides the rest: `earliest` would take up what is
still there; this reader's is `latest`, so it goes on behind it all, and passes over records that lie in the log.

The promise, and that there is none, is in Kafka's documentation of `retention.ms` and of `auto.offset.reset`.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, at

SCENARIO = Scenario(
    name="records_expire_unread",
    question="A reader comes back when its offset has been removed by age: what does it miss?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=1, retention_ms=20_000, segment_ms=5_000),),
        log_initial_task_delay_us=5 * SECOND_US,
        log_retention_check_interval_us=5 * SECOND_US,
    ),
    workload=Workload(records=60, phases=(Phase(every_us=SECOND_US),)),
    readers=(at(0).read("orders", begin="latest", name="audit"),),
    schedule=(at(10 * SECOND_US).cut_link("audit"), at(50 * SECOND_US).open_link("audit")),
    expects=frozenset({"unread"}),
    notes="--fault 'at 0s: read orders as careful' --fault 'at 10s: cut careful <-> *': that one begins with the earliest left.",
)
