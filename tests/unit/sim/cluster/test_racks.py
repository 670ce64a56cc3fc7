"""Racks in the simulated cluster: brokers tell theirs, and a rack-aware producer stays in its own while it can."""

from dataclasses import replace

from producer.events import RecordAccepted
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, NoKeys, Phase, Scenario, TopicConfig, Workload, after, phase_ended
from sim.trace.events import BrokerCrashed
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab

RACKED = ClusterConfig(racks=("east", "west", "north"), topics=(TopicConfig("orders", partitions=6),))

NEAR = Scenario(
    name="near",
    question="Do records without a key stay in the west?",
    cluster=RACKED,
    producer={"client.rack": "west", "partitioner.rack.aware": "true", "batch.size": "200"},
    workload=Workload(records=200, keys=NoKeys(), value_bytes=100),
)


def partitions(report: Report, *, since_us: int = 0) -> set[int]:
    return {event.partition for event in report.trace if isinstance(event, RecordAccepted) and event.at_us >= since_us}


def test_metadata_tells_each_broker_s_rack() -> None:
    for given, racks in ((RACKED.racks, ["east", "west", "north"]), ((), [None, None, None])):
        connection = Lab(racks=given).client.connect(1)

        answer = connection.call(ApiKey.METADATA, metadata.MetadataRequest(None))

        assert [broker.rack for broker in answer.brokers] == racks


def test_a_rack_aware_producer_stays_in_its_rack() -> None:
    report = run(NEAR)

    # Broker 2 is in the west, and leads partitions 1 and 4.
    assert partitions(report) == {1, 4}
    assert report.exit_code == 0


def test_the_same_producer_goes_everywhere_where_brokers_have_no_rack() -> None:
    report = run(replace(NEAR, cluster=replace(RACKED, racks=())))

    assert partitions(report) == set(range(6))


def test_it_leaves_the_rack_when_its_only_broker_dies_and_loses_nothing() -> None:
    phases = (Phase(), Phase(quiet_us=12 * SECOND_US))
    report = run(
        replace(
            NEAR,
            workload=replace(NEAR.workload, phases=phases),
            schedule=(after(phase_ended(1)).crash("b2"),),
        )
    )

    crashed_us = next(event.at_us for event in report.trace if isinstance(event, BrokerCrashed))
    assert partitions(report) >= {1, 4}
    assert partitions(report, since_us=crashed_us) == set(range(6))
    assert report.counts.acknowledged == report.counts.read == 200
    assert report.exit_code == 0
