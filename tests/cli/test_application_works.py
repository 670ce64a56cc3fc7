"""A report says which application processes, and which writes in transactions; of others it has no word."""

from __future__ import annotations

import json

import pytest

from sim.judges.report.application_work import ApplicationWork, ProcessingWork
from sim.stories.application_works import works_of
from sim.stories.properties import effective_properties
from sim.stories.scenario import load
from tests.cli.conftest import Acklab


def said_of(name: str, **given: str) -> dict[str, str]:
    scenario = load(name)
    works = works_of(scenario, effective_properties(scenario, given))
    return {one.application: str(one) for one in works}


@pytest.mark.parametrize(
    "name, said",
    [
        ("delayed_end_txn", {"shop": "writes in transactions of 2 records"}),
        ("hanging_transaction_pins_lso", {"shop": "writes in transactions of 1 record"}),
        ("torn_multi_partition_write", {"shop": "2 records in turn belong together, in no transaction"}),
        (
            "rebalance_with_group_metadata",
            dict.fromkeys(
                ("billing-a", "billing-b"),
                "processes orders into invoices, group billing, a transaction for each poll, its positions with it",
            ),
        ),
        (
            "rebalance_without_group_metadata",
            dict.fromkeys(
                ("billing-a", "billing-b"),
                "processes orders into invoices, group billing, a transaction for each poll, its positions with it, but "
                "without the group's metadata",
            ),
        ),
        (
            "flink_two_phase_commit",
            {"job": "processes orders into invoices, a checkpoint every 1 s, and a transaction for each"},
        ),
        ("acks_one_leader_crash", {}),
        ("two_applications", {}),
    ],
)
def test_who_processes_or_writes_in_transactions_is_said_to(name: str, said: dict[str, str]) -> None:
    assert said_of(name) == said


def test_a_transactional_id_given_on_the_command_line_makes_transactions_of_what_belongs_together() -> None:
    given = {"shop:transactional.id": "shop"}

    assert said_of("torn_multi_partition_write", **given) == {"shop": "writes in transactions of 2 records"}
    assert said_of("acks_one_leader_crash", **{"transactional.id": "a"}) == {
        "producer-1": "writes each phase in a transaction"
    }


def test_who_processes_without_a_transactional_id_commits_positions_behind_its_records() -> None:
    work = ApplicationWork("billing", "", 0, ProcessingWork("orders", "invoices", "billing", True, 0))

    assert str(work) == (
        "processes orders into invoices, group billing, in no transaction: its positions are committed behind its records"
    )


def test_the_report_says_it_behind_the_properties(acklab: Acklab) -> None:
    text = " ".join(acklab("run", "delayed_end_txn").out.split())

    assert "producer transactional.id=shop request.timeout.ms=3000; writes in transactions of 2 records faults" in text


def test_the_json_has_it_where_there_is_something_to_say_and_else_no_word(acklab: Acklab) -> None:
    transactional = json.loads(acklab("run", "delayed_end_txn", "--json").out)
    ordinary = json.loads(acklab("run", "lost_ack_duplicate", "--json").out)

    assert transactional["applications"] == [
        {"application": "shop", "transactional_id": "shop", "transaction_records": 2, "processing": None}
    ]
    assert "applications" not in ordinary


def test_what_is_processed_is_in_the_json() -> None:
    scenario = load("flink_two_phase_commit")

    (job,) = works_of(scenario, effective_properties(scenario, {}))

    assert job.as_json()["processing"] == {
        "topic": "orders",
        "to": "invoices",
        "group": "",
        "gives_metadata": True,
        "checkpoint_every_us": 1_000_000,
    }
