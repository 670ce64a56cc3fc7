"""A run is a pure function; what did not go as planned is in its report, never in a traceback."""

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest

from producer.errors import ConfigError
from sim.cluster.cluster import Cluster
from sim.faults.brokers import DiskAfterCrash
from sim.faults.names import UnknownNameError
from sim.faults.schedule import parse_entry
from sim.judges.guarantees import State
from sim.judges.report import Counts
from sim.stories.runner import run
from sim.stories.scenario import (
    ClusterConfig,
    NoKeys,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    followers,
    load,
    phase_ended,
    phase_sent,
)
from sim.stories.witness import Witness, WitnessError, read_witness
from sim.stories.workload import KeyValue
from sim.trace.events import (
    BrokerCrashed,
    BrokerStarted,
    FaultInjected,
    PhaseBegan,
    PhaseEnded,
    PhaseSent,
    RecordAcknowledged,
    RunEnded,
)
from sim.trace.trace import Trace
from sim.world.units import SECOND_US

CALM = Scenario(
    name="calm",
    question="Nothing happens?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    workload=Workload(records=6),
)


def test_calm_run_holds() -> None:
    report = run(CALM)

    assert report.exit_code == 0
    assert report.counts == Counts(sent=6, acknowledged=6, failed=0, unknown=0, read=6)
    assert isinstance(report.trace[len(report.trace) - 1], RunEnded)


def test_faults_given_to_a_run_stand_behind_the_scenario_s_own() -> None:
    report = run(load("lost_ack_duplicate"), faults=[at(SECOND_US).move_leader("orders-0", to=2)])

    assert [str(entry) for entry in report.schedule][-1] == "at 1s: move orders-0 to b2"
    assert sum(isinstance(event, FaultInjected) for event in report.trace) == 2


def test_phases_come_one_after_the_other_with_quiet_between() -> None:
    report = run(replace(CALM, workload=Workload(records=6, phases=(Phase(), Phase(quiet_us=SECOND_US)))))

    told = [event for event in report.trace if isinstance(event, (PhaseBegan, PhaseSent, PhaseEnded))]
    assert [(type(event).__name__, event.phase) for event in told] == [
        ("PhaseBegan", 1), ("PhaseSent", 1), ("PhaseEnded", 1), ("PhaseBegan", 2), ("PhaseSent", 2), ("PhaseEnded", 2),
    ]  # fmt: skip
    assert told[3].at_us - told[2].at_us == SECOND_US


def test_fault_that_never_strikes_leaves_the_run_inconclusive() -> None:
    report = run(replace(CALM, schedule=(after(phase_ended(5)).crash("b1"),)))

    assert report.exit_code == 3
    assert [unstruck.entry for unstruck in report.unfired] == [0]
    assert all(verdict.state is State.HOLDS for verdict in report.verdicts)


def test_fault_that_never_strikes_does_not_hide_a_violation() -> None:
    report = run(load("lost_ack_duplicate"), faults=[after(phase_ended(5)).crash("b1")])

    assert report.exit_code == 1
    assert report.unfired


def test_time_that_lies_beyond_the_application_s_end_is_waited_for() -> None:
    report = run(replace(CALM, schedule=(at(60 * SECOND_US).crash("b1"),)))

    assert report.exit_code == 0
    assert not report.unfired


def test_a_fault_whose_moment_came_while_others_were_waited_for_strikes_before_anybody_repairs() -> None:
    # All is sent by then: b1 is fenced nine seconds later, and what is counted from there comes after the patience with the first is over.
    lines = ("at 3s: crash b1", "after BrokerFenced#1 broker=1 +20s: cut b2 <-> *")

    report = run(replace(CALM, schedule=tuple(map(parse_entry, lines))))

    assert report.unfired == ()
    (repaired,) = [event.at_us for event in report.trace if isinstance(event, BrokerStarted) and event.broker == 1][1:]
    assert repaired > [event.at_us for event in report.trace if isinstance(event, FaultInjected)][-1]


def test_fault_without_effect_is_reported_and_leaves_the_run_inconclusive() -> None:
    report = run(replace(CALM, schedule=(at(0).restart("b1"),)))

    assert report.exit_code == 3
    (refused,) = report.missed
    assert refused.text == "at 0s: restart b1"
    assert refused.reason


def test_fault_that_may_be_refused_is_reported_and_leaves_the_verdict_as_it_is() -> None:
    report = run(replace(CALM, schedule=(at(0).restart("b1").if_possible(),)))

    assert report.exit_code == 0
    assert not report.missed
    (refused,) = report.refused
    assert refused.text == "at 0s: restart b1 if possible"


def test_fault_that_may_be_refused_must_have_its_moment_all_the_same() -> None:
    report = run(replace(CALM, schedule=(after(phase_ended(5)).crash("b1").if_possible(),)))

    assert report.exit_code == 3


def test_fault_that_is_refused_does_not_hide_a_violation_but_the_story_is_not_the_one_told() -> None:
    report = run(load("lost_ack_duplicate"), faults=[at(0).restart("b1")])

    assert report.exit_code == 1
    assert {verdict.guarantee for verdict in report.violated} == report.expects
    assert not report.is_as_expected


def test_fault_that_names_what_is_not_there_is_no_run() -> None:
    with pytest.raises(UnknownNameError, match="broker 9"):
        run(CALM, faults=[at(0).crash("b9")])


def test_refusal_may_be_part_of_a_witness() -> None:
    report = run(replace(CALM, schedule=(at(0).restart("b1").if_possible(), at(0).crash("b1"))))

    read = Witness.model_validate_json(json.dumps(Witness.of(report, scenario="calm", records=None).as_json()))

    assert read.schedule == report.schedule
    assert [entry.may_be_refused for entry in read.schedule] == [True, False]


def test_too_many_events_cut_a_run_short() -> None:
    report = run(CALM, events_max=100)

    assert report.exit_code == 3
    assert "100 events" in report.stopped
    assert not report.is_settled


def test_application_that_outlives_its_time_leaves_the_run_inconclusive() -> None:
    cut = replace(CALM, schedule=(at(0).cut_link("producer-1"),), repairs_after_us=600 * SECOND_US)

    report = run(replace(cut, duration_us_max=20 * SECOND_US))

    assert report.exit_code == 3
    assert "not done after 20s" in report.stopped
    assert "2 parts: controller, b1, b2, b3 | producer-1" in report.stopped
    assert report.counts.unknown == report.counts.sent > 0


def test_dead_broker_comes_back_only_when_another_one_leads() -> None:
    report = run(replace(CALM, schedule=(after(phase_sent(1)).crash("b1"),)))

    crashed = next(event for event in report.trace if isinstance(event, BrokerCrashed))
    started = [event for event in report.trace if isinstance(event, BrokerStarted) and event.at_us > crashed.at_us]
    assert len(started) == 1
    assert started[0].at_us - crashed.at_us > 7 * SECOND_US
    assert report.is_settled


@pytest.mark.parametrize("disk", ["kept", "unflushed lost", "wiped"])
def test_a_machine_without_power_comes_back_with_the_dead(disk: DiskAfterCrash) -> None:
    report = run(replace(CALM, schedule=(after(phase_sent(1)).crash("b1,b2,b3", disk=disk),)))

    crashed = next(event for event in report.trace if isinstance(event, BrokerCrashed))
    started = [event for event in report.trace if isinstance(event, BrokerStarted) and event.at_us > crashed.at_us]
    assert len(started) == 3
    assert started[0].at_us - crashed.at_us < 20 * SECOND_US
    assert report.counts.acknowledged == 6


def test_paused_brokers_go_on_although_nobody_says_so() -> None:
    report = run(replace(CALM, schedule=(at(0).pause(followers("orders-0")),)))

    assert report.exit_code == 0
    assert report.counts.acknowledged == 6


def test_records_without_keys_are_judged_too() -> None:
    assert run(replace(CALM, workload=Workload(records=6, keys=NoKeys()))).exit_code == 0


@pytest.mark.parametrize(
    "properties,said",
    [
        ({"ack": "1"}, "did you mean acks"),
        ({"acks": "7"}, "acks is '7'"),
        ({"acks": "1", "enable.idempotence": "true"}, "must be all for an idempotent producer"),
        ({"bootstrap.servers": "b1:9092"}, "simulated cluster"),
    ],
)
def test_properties_that_cannot_be_are_named(properties: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        run(CALM, properties=properties)


def test_report_is_plain_json() -> None:
    told = json.loads(json.dumps(run(load("acks_one_leader_crash")).as_json()))

    assert told["format"] == "acklab-report-3"
    assert told["exit_code"] == 1
    lost = told["verdicts"][0]
    assert (lost["guarantee"], lost["state"], len(lost["findings"])) == ("lost", "violated", 15)
    assert lost["findings"][0]["replicas"][0] == {"broker": 1, "offset": 15, "state": "truncated"}


# -- witnesses ---------------------------------------------------------------------------------------------------------


def test_witness_shows_the_same_again(tmp_path: Path) -> None:
    records = [KeyValue(b"\xff%d" % number, None if number == 3 else b"v:%d" % number) for number in range(8)]
    report = run(
        load("acks_one_leader_crash"),
        5,
        properties={"linger.ms": "3"},
        faults=[parse_entry("at 1s: slow b1 x3")],
        records=records,
    )
    file = tmp_path / "witness.json"
    witness = Witness.of(report, scenario="acks_one_leader_crash", records=records)
    file.write_text(json.dumps(witness.as_json(), indent=2))

    again = read_witness(file)

    assert again == witness
    assert again.replay().digest == report.digest == again.digest
    assert again.verdicts["lost"] == "violated"


def test_trace_file_is_a_witness_too(tmp_path: Path) -> None:
    from sim.trace.trace import TraceHeader

    report = run(load("lost_ack_duplicate"))
    witness = Witness.of(report, scenario="lost_ack_duplicate", records=None)
    file = tmp_path / "trace.jsonl"
    with file.open("w") as out:
        report.trace.write(out, TraceHeader(report.scenario, report.seed, witness.as_json()))

    assert read_witness(file) == witness
    with file.open() as source:
        header, trace = Trace.read(source)
    assert header.seed == 0
    assert trace.digest() == report.digest


@pytest.mark.parametrize(
    "text,said",
    [
        ("", "neither a witness nor a trace"),
        ("{}", "scenario: field required"),
        ('{"format": "acklab-witness-9"}', "format"),
        ("[1, 2]", "not a witness"),
        ("\xff", "neither a witness nor a trace"),
    ],
)
def test_file_that_is_no_witness_is_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "witness.json"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(WitnessError) as raised:
        read_witness(file)

    assert str(file) in str(raised.value)
    assert said in str(raised.value)


def test_fault_whose_moment_comes_after_the_story_leaves_the_healed_cluster_alone() -> None:
    # The second crash waits for an ISR that only the repair at the end brings back.
    schedule = (
        parse_entry("after BatchSent#1 topic=orders partition=0: crash leader(orders-1)"),
        parse_entry("after IsrChanged#1 topic=orders partition=1: crash leader(orders-0)"),
    )

    report = run(replace(load("default_config"), schedule=schedule), 10)

    assert report.is_settled
    assert [unstruck.entry for unstruck in report.unfired] == [1]


def test_partition_headers_and_time_reach_the_log_as_the_application_gave_them() -> None:
    workload = Workload(
        topic=("orders", "audit"),
        records=8,
        partition=1,
        headers=(("source", b"test"),),
        timestamp_ms=1_767_225_600_000,
    )
    cluster = ClusterConfig(topics=(TopicConfig("orders", partitions=2), TopicConfig("audit", partitions=2)))

    report = run(replace(CALM, cluster=cluster, workload=workload))

    assert report.exit_code == 0
    assert {(event.topic, event.partition) for event in report.trace if isinstance(event, RecordAcknowledged)} == {
        ("orders", 1), ("audit", 1),
    }  # fmt: skip
    assert report.counts.read == 8


def test_partition_that_is_not_there_fails_when_send_has_waited_long_enough() -> None:
    report = run(replace(CALM, workload=Workload(records=1, partition=7)), properties={"max.block.ms": "500"})

    assert report.counts.failed == 1
    assert report.exit_code == 0


def test_the_collector_looks_when_the_run_is_let_go_and_keeps_nothing_of_it_for_later() -> None:
    def clusters() -> int:
        return sum(type(one) is Cluster for one in gc.get_objects())

    gc.collect()
    before = clusters()
    during = []

    run(load("hot_key"), at_end=lambda _: during.append(clusters()))

    gc.collect(0)
    assert during == [before + 1]
    assert clusters() == before
