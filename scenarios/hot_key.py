"""One key takes most of the traffic, and with it one partition: nothing breaks, but the load is anything but even.

A keyed record goes to the partition that its key's hash names, every time: that is what keeps the records of one key
in order. The price is paid when one key is hot. The report shows for each partition its records, bytes and
share, and which keys fill it; skew is the fullest partition over the average.
"""

from sim import ClusterConfig, HotKey, Phase, Scenario, TopicConfig, Workload

SCENARIO = Scenario(
    name="hot_key",
    question="One key has 70 % of the records: how do they spread over six partitions?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=6),)),
    workload=Workload(records=300, phases=(Phase(every_us=500),), keys=HotKey(70, others=50), value_bytes=100),
    shows_partitions=True,
    notes="Try your own keys: --input FILE with one key:value record a line. hot_key_salted and hot_key_composite are "
    "two remedies, each with its price.",
)
