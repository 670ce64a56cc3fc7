"""The batch job of `noisy_neighbour_without_quota` is allowed 100,000 bytes a second, and its neighbour notices little of it.

A broker counts what a client id sends over the last ten seconds. The first million bytes pass, for nothing was sent before; then
each answer to the job says for how long to send nothing, and its connection is not read meanwhile. It takes a minute and a half in place
of ten seconds, and that is the price: nothing of it is refused. What is left of the noise is one large record three times a
second, which costs a few of the neighbour's records a few milliseconds.
"""

from sim import Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload

SCENARIO = Scenario(
    name="noisy_neighbour_with_quota",
    question="The batch job has a quota of 100 kB/s: does the payment service's p99 stay below 60 ms?",
    cluster=ClusterConfig(
        topics=(TopicConfig("payments", partitions=1), TopicConfig("archive", partitions=1)),
        disk_bandwidth_bytes_s=2_000_000,
        quotas=("client-id=export producer_byte_rate=100000",),
    ),
    applications=(
        Application(
            name="export",
            workload=Workload(topic="archive", records=240, value_bytes=30_000, phases=(Phase(every_us=2_000),)),
        ),
        Application(
            name="billing",
            workload=Workload(topic="payments", records=800, phases=(Phase(every_us=10_000),)),
            starts_after_us=2_000_000,
            latency_p99_us=60_000,
        ),
    ),
    notes="Try --fault 'at 3s: quota client-id=export remove producer_byte_rate', as in quota_removed_in_mid_stream; or let billing "
    "work for longer: after eleven seconds the first burst is forgotten, and another one passes.",
)
