"""The application chooses the partition of each record itself, one after the other: the load is even, the order of keys is gone.

A record that names its partition never meets a partitioner. Written so that "all partitions get the same", the records of one user
go to both partitions in turn; each of them keeps its order, and nothing orders the one behind the other. A consumer that is given
more from one than from the other reads later records of a user before earlier ones.

Kafka's documentation of `ProducerRecord`: a partition that is given is taken, and only without one the key decides.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload

SCENARIO = Scenario(
    name="explicit_partitions",
    question="The application spreads its records over the partitions by hand: are those of one key read in order?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    workload=Workload(records=60, keys=KeysInTurn(5), partition=(0, 1), phases=(Phase(every_us=500),)),
    expects=frozenset({"key order"}),
    shows_partitions=True,
    notes="In a copy of this file leave `partition` out: the key decides, and the order of each user is kept.",
)
