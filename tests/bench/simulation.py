"""Virtual time: checked runs of the standard schedule (3 brokers, 30 records, one crash) on one core, the same in transactions, and
simulated events."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.case import Case, Measured, stopwatch

if TYPE_CHECKING:
    from sim.clients.drivers import Story

RUNS = 60
IN_TRANSACTION = 5
RECORDS = 3_000
IDLE_S = 3_600


def standard_schedule(*, transaction_version: int | None = None) -> Measured:
    """Run and judge the schedule under RUNS seeds: default configuration, the leader killed in mid-stream.

    With `transaction_version` its records are written in transactions of that kind, IN_TRANSACTION each.
    """
    from sim.stories.runner import run
    from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader

    scenario = Scenario(
        name="standard_schedule",
        question="What does one checked run cost?",
        cluster=ClusterConfig(brokers=3, topics=(TopicConfig("orders", partitions=3),)),
        workload=Workload(records=30, phases=(Phase(every_us=20_000),)),
        schedule=(after(acknowledged(10)).crash(leader("orders-0")),),
    )
    if transaction_version is not None:
        scenario = replace(
            scenario,
            cluster=replace(scenario.cluster, transaction_version=transaction_version),
            producer={"transactional.id": "shop"},
            workload=replace(scenario.workload, transaction_records=IN_TRANSACTION),
        )
    assert run(scenario, 0).exit_code == 0, "the default configuration survives a crash"
    with stopwatch() as watch:
        for seed in range(RUNS):
            run(scenario, seed)
    return watch.measured(RUNS)


def busy_cluster() -> Measured:
    """Count what the kernel processes while records stream into a cluster of three."""
    from producer.config.config import ProducerConfig
    from producer.records import Record
    from sim.clients.drivers import SimProducer
    from sim.cluster.cluster import Cluster
    from sim.cluster.config import ClusterConfig
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World

    world = World(seed=1)
    cluster = Cluster(world, Trace(), ClusterConfig(topics=(TopicConfig("orders", partitions=3),)))
    cluster.start()
    world.run_until(10_000_000)
    servers = ",".join(f"{host}:{port}" for host, port in cluster.bootstrap)
    producer = SimProducer(cluster, ProducerConfig.from_properties({"bootstrap.servers": servers}))

    def application() -> Story:
        for number in range(RECORDS):
            yield from producer.send(Record("orders", b"v" * 100, b"key-%d" % (number % 100)), number)
            yield world.timeout(1_000)
        yield from producer.flush()

    story = world.story(application())
    before = world.events_processed
    with stopwatch() as watch:
        world.run_while(lambda: not story.triggered, until_us=1_000_000_000, events_max=10_000_000)
    assert story.triggered, "every record has its answer"
    return watch.measured(world.events_processed - before)


def idle_cluster() -> Measured:
    """Let a healthy cluster of three idle for an hour; simulated seconds per second."""
    from sim.cluster.cluster import Cluster
    from sim.cluster.config import ClusterConfig
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World

    world = World(seed=1)
    Cluster(world, Trace(), ClusterConfig(topics=(TopicConfig("orders", partitions=3),))).start()
    with stopwatch() as watch:
        world.run_until(IDLE_S * 1_000_000)
    return watch.measured(IDLE_S)


CASES = (
    Case("standard schedule, checked", "runs", standard_schedule),
    Case("transactional schedule, checked", "runs", partial(standard_schedule, transaction_version=2)),
    Case("transactional schedule of V1, checked", "runs", partial(standard_schedule, transaction_version=1)),
    Case("busy cluster", "events", busy_cluster),
    Case("idle cluster", "simulated s", idle_cluster),
)
