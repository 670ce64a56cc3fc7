"""Every word that a story is told with is in a scenario of the catalogue: whoever looks for one finds it at work."""

from __future__ import annotations

import pytest

from producer.records import Record
from sim.stories.scenario import load_all

ALL = load_all()
WORKLOADS = [one.workload for scenario in ALL for one in scenario.cast]
WRITTEN: list[Record] = [
    record for workload in WORKLOADS if isinstance(workload.records, tuple) for record in workload.records
]


@pytest.mark.parametrize(
    "verb",
    [
        "start", "kill", "pause", "restart", "replace", "stop",
        "lose", "detain", "flip", "truncate", "unsync", "write", "alter topic", "alter brokers", "quota", "roll", "elect", "deploy",
        "grant", "deny", "revoke",
    ],
)  # fmt: skip
def test_a_fault(verb: str) -> None:
    struck = [str(entry).rsplit(": ", 1)[-1] for scenario in ALL for entry in scenario.schedule]

    assert [text for text in struck if text.startswith(f"{verb} ")]


def test_several_applications_each_with_its_own_properties() -> None:
    assert [scenario.name for scenario in ALL if len({str(one.producer) for one in scenario.applications}) > 1]


def test_a_compacted_topic_and_records_that_delete_their_key() -> None:
    assert [topic for scenario in ALL for topic in scenario.cluster.topics if topic.is_compacted]
    assert [workload for workload in WORKLOADS if workload.tombstone_every]


def test_values_by_schemas_of_a_registry_of_a_mock_and_of_one_apart() -> None:
    urls = [
        str(one.producer.get("schema.registry.url", "")) for scenario in ALL for one in scenario.cast if one.versions
    ]

    assert {url.partition("//")[2].partition(":")[0] for url in urls} == {"registry-1", "staging-registry-1", "tests"}
    assert {one.unreadable for scenario in ALL for one in scenario.deserializing} == {"stop", "skip"}


def test_several_topics() -> None:
    assert [workload for workload in WORKLOADS if len(workload.topics) > 1]


def test_a_record_s_partition_headers_and_timestamp() -> None:
    assert [workload for workload in WORKLOADS if any(partition is not None for _, partition in workload.destinations)]
    assert any(record.headers for record in WRITTEN) or any(workload.headers for workload in WORKLOADS)
    times = [*(record.timestamp_ms for record in WRITTEN), *(workload.timestamp_ms for workload in WORKLOADS)]
    assert any(time_ms is not None for time_ms in times)


def test_an_application_that_sends_again() -> None:
    assert [one for scenario in ALL for one in scenario.cast if one.resends is not None]


def test_somebody_who_reads_while_the_story_goes_on() -> None:
    assert [scenario for scenario in ALL if scenario.readers]


def test_a_phase_that_waits_for_something() -> None:
    assert [phase for workload in WORKLOADS for phase in workload.phases if phase.waits_for is not None]


def test_an_application_that_processes_what_it_reads_with_group_metadata_and_without() -> None:
    processing = [one.processing for scenario in ALL for one in scenario.cast if one.processing is not None]

    assert {words.gives_metadata for words in processing} == {True, False}


def test_records_that_belong_together_in_a_transaction_and_without_one() -> None:
    together = [one for scenario in ALL for one in scenario.cast if one.workload.transaction_records]

    assert {"transactional.id" in one.producer for one in together} == {True, False}


def test_somebody_who_reads_only_what_is_committed() -> None:
    assert [entry for scenario in ALL for entry in scenario.readers if str(entry).endswith(", read_committed")]


def test_a_registry_that_is_struck() -> None:
    assert [entry for scenario in ALL for entry in scenario.schedule if str(entry).endswith(": crash registry-1")]
