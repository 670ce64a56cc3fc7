"""A topic gets more partitions, keys move, and a key's new records are read before its old ones.

A key's partition is its hash modulo the number of partitions, of all partitions there are. When a topic grows from two to
three, most keys go elsewhere from then on, while their earlier records stay where they are. Each partition keeps
its order; but nothing orders one partition behind another, so a consumer may read a key's later records first.

Kafka's operations page says so under "Modifying topics". The producer learns of the new partition when its view of the
cluster gets too old, which takes five minutes (metadata.max.age.ms); so long the application is quiet here.
"""

from sim import SECOND_US, ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="partition_expansion_reorder",
    question="A topic grows between two records of one key: are they still read in order?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    workload=Workload(records=40, phases=(Phase(), Phase(quiet_us=301 * SECOND_US)), keys=KeysInTurn(8)),
    schedule=(after(phase_ended(1)).add_partitions("orders", up_to=3),),
    expects=frozenset({"key order"}),
    duration_us_max=600 * SECOND_US,
    shows_partitions=True,
    notes="No property of the producer helps: this is the default configuration. Choose enough partitions at first.",
)
