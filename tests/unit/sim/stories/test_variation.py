"""A scenario's name with changes behind it is that story in another cluster, and as good a name as any."""

from __future__ import annotations

import pytest

from sim.stories.applications import Resends
from sim.stories.runner import run
from sim.stories.scenario import InvalidScenarioError, UnknownScenarioError, load
from sim.stories.variation import split_name, varied_name
from sim.stories.witness import Witness
from sim.stories.workload import KeysInTurn
from sim.trace.events import RecordSent


def test_changes_reach_the_cluster_every_topic_what_is_sent_and_the_repairs() -> None:
    changed = load("default_config+brokers=5+partitions=3+min_insync_replicas=1+records=7+repairs_after_us=12000000")

    assert changed.cluster.brokers == 5
    assert [(topic.partitions, topic.min_insync_replicas) for topic in changed.cluster.topics] == [(3, 1)]
    assert changed.workload.records == 7
    assert changed.repairs_after_us == 12_000_000
    assert changed.workload.phases == load("default_config").workload.phases
    assert run(changed).counts.acknowledged == 7


def test_switches_are_switches() -> None:
    assert load("default_config+eligible_leader_replicas=0").cluster.eligible_leader_replicas is False


def test_others_send_as_the_first_one_does_each_to_a_topic_of_its_own() -> None:
    report = run(load("default_config+others=1"))

    assert report.counts.acknowledged == 48
    assert report.exit_code == 0


def test_words_say_what_no_number_of_a_field_can() -> None:
    words = (
        "topics=2+headers=2+keys=0+timestamp_ms=1767225600500+timestamp_type=LogAppendTime+stands_for=value+readers=1"
    )
    changed = load(f"default_config+{words}")
    report = run(changed)
    sent = [event for event in report.trace if isinstance(event, RecordSent)]

    assert changed.workload.topics == ("orders", "orders-2")
    assert {topic.timestamp_type for topic in changed.cluster.topics} == {"LogAppendTime"}
    assert len(changed.readers) == 2
    assert {record.topic for record in sent} == {"orders", "orders-2"}
    assert {record.headers for record in sent} == {(("header-0", b"0"), ("header-1", b"1"))}
    assert {record.key for record in sent} == {None}
    assert {record.timestamp_ms for record in sent} == {1_767_225_600_500}
    assert all(record.stands_for == record.value for record in sent)
    assert report.counts.acknowledged == 24
    assert report.exit_code == 0


def test_words_say_what_an_application_does_after_bad_news_and_in_its_next_life() -> None:
    (application,) = load("default_config+partition=1+resends=failed+new_life=begins_anew").cast

    assert application.workload.partition == 1
    assert application.resends == Resends(on=frozenset({"failed"}))
    assert application.new_life == "begins anew"


def test_name_says_all_and_is_read_back() -> None:
    name = varied_name("/a+b/my.story.py", {"brokers": 4, "eligible_leader_replicas": True})

    assert name == "/a+b/my.story.py+brokers=4+eligible_leader_replicas=1"
    assert split_name(name) == ("/a+b/my.story.py", {"brokers": "4", "eligible_leader_replicas": "1"})
    assert split_name("default_config") == ("default_config", {})
    assert load("default_config+brokers=4").name == "default_config+brokers=4"


def test_witness_of_a_varied_story_repeats_it() -> None:
    name = "default_config+brokers=4+value_bytes=10"
    report = run(load(name), 3)

    again = Witness.model_validate_json(Witness.of(report, scenario=name, records=None).model_dump_json()).replay()

    assert again.digest == report.digest != run(load("default_config"), 3).digest


@pytest.mark.parametrize(
    "changes,said",
    [
        ("+broker=4", "unknown field 'broker': did you mean brokers?"),
        ("+resends=often", "resends=often: expected one of both, failed, unknown"),
        ("+new_life=ends", "new_life=ends: expected one of goes_on, sends_again, begins_anew"),
        ("+topics=some", "topics=some: expected a whole number"),
        ("+timestamp_type=none", "timestamp_type is 'none', must be one of CreateTime"),
        ("+brokers=many", "brokers=many: expected a whole number"),
        ("+brokers=0", "ClusterConfig.brokers is 0, must be at least 1"),
        ("+brokers=2", "replication_factor is 3, brokers are 2"),
    ],
)
def test_change_that_cannot_be_is_named(changes: str, said: str) -> None:
    with pytest.raises(InvalidScenarioError, match=f"default_config.*{said.replace('?', '.')}"):
        load(f"default_config{changes}")


def test_unknown_story_stays_unknown() -> None:
    with pytest.raises(UnknownScenarioError, match="did you mean default_config"):
        load("default_confg+brokers=4")


def test_who_processes_what_it_reads_is_left_as_it_is() -> None:
    changed = load("rebalance_with_group_metadata+keys=3+resends=failed+new_life=sends_again+transaction_version=1")

    shop, *processing = changed.cast
    assert (shop.workload.keys, shop.new_life) == (KeysInTurn(3), "sends again")
    assert processing == list(load("rebalance_with_group_metadata").cast[1:])
    assert changed.cluster.transaction_version == 1


def test_records_of_each_workload_may_belong_together() -> None:
    changed = load("default_config+transaction_records=4")

    assert changed.workload.transaction_records == 4


def test_words_say_who_processes_how_and_who_reads_what_is_committed() -> None:
    words = "parts=2+records_max=3+work_us=20000+gives_metadata=0+protocol=consumer+isolation=read_uncommitted"
    changed = load(f"rebalance_with_group_metadata+{words}+committed_readers=1")
    before = load("rebalance_with_group_metadata")
    found = [one.processing for one in changed.cast if one.processing is not None]

    assert {(one.parts, one.records_max, one.work_us, one.gives_metadata) for one in found} == {(2, 3, 20_000, False)}
    assert {(one.protocol, one.isolation) for one in found} == {("consumer", "read_uncommitted")}
    assert [str(entry.fault) for entry in changed.readers[len(before.readers) :]] == [
        f"read {topic.name}, read_committed" for topic in before.cluster.topics
    ]


@pytest.mark.parametrize("word", ["protocol=share", "isolation=snapshot", "committed_readers=few"])
def test_word_about_processing_that_is_none_is_named(word: str) -> None:
    with pytest.raises(InvalidScenarioError, match=word):
        load(f"rebalance_with_group_metadata+{word}")


def test_words_say_which_level_holds_and_what_becomes_of_what_cannot_be_read() -> None:
    changed = load("poison_record_blocks_partition+level=FULL+unreadable=dead")

    assert changed.registry is not None
    assert changed.registry.level == "FULL"
    assert {one.unreadable for one in changed.deserializing} == {"dead"}


@pytest.mark.parametrize(
    "name, said",
    [
        ("default_config+level=FULL", "level=FULL: the story has no schema registry"),
        ("default_config+unreadable=dead", "unreadable=dead: nobody decodes in the story"),
        ("poison_record_blocks_partition+unreadable=cry", "unreadable=cry: expected one of stop, skip, dead"),
        ("poison_record_blocks_partition+level=HIGH", "level is 'HIGH', must be one of NONE"),
    ],
)
def test_word_about_schemas_that_makes_no_sense_is_named(name: str, said: str) -> None:
    with pytest.raises(InvalidScenarioError, match=said):
        load(name)
