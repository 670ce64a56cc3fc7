"""Libraries of others in a story: what each comes to is judged as ours is, and told again by a replay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from sim.gauntlet import table
from sim.gauntlet.clients import CLIENTS, client_named
from sim.gauntlet.staged import StagedSimulation, tellable
from sim.serve.journal import WrittenJournal
from sim.serve.replay import replay
from sim.stories.scenario import load

PYTHON_CLIENTS = [one for one in CLIENTS if one.program]


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], table.Cell]:
    """An answer is lost, and the record is not: every library that Python has, both ways."""
    folder = tmp_path_factory.mktemp("gauntlet")
    found = asyncio.run(table.run("lost_ack_duplicate", 0, PYTHON_CLIENTS, folder))
    return {(one.client, one.configuration): one for one in found}


def test_every_library_is_told_of_every_record(cells: dict[tuple[str, str], table.Cell]) -> None:
    assert {where: cell.error for where, cell in cells.items() if cell.error} == {}
    for cell in cells.values():
        counts = cell.report["counts"]
        assert (counts["sent"], counts["acknowledged"], cell.hung) == (30, 30, 0), cell
        assert (cell.report["unfired"], cell.report["breach"]) == ([], None), cell


@pytest.mark.parametrize("client", [one.name for one in PYTHON_CLIENTS])
def test_nobody_writes_twice_at_its_safest(cells: dict[tuple[str, str], table.Cell], client: str) -> None:
    assert "duplicated" not in cells[client, "safest"].broken


@pytest.mark.parametrize("client", ["confluent-kafka", "aiokafka"])
def test_a_library_that_is_not_idempotent_by_default_writes_twice(
    cells: dict[tuple[str, str], table.Cell], client: str
) -> None:
    assert cells[client, "default"].broken["duplicated"] >= 1


def test_ours_keeps_every_promise_by_default(cells: dict[tuple[str, str], table.Cell]) -> None:
    assert cells["acklab", "default"].broken == {}


@pytest.mark.parametrize("where", [("confluent-kafka", "default"), ("kafka-python", "safest"), ("aiokafka", "default")])
def test_a_replay_without_sockets_is_the_same_run_with_the_same_verdicts(
    cells: dict[tuple[str, str], table.Cell], where: tuple[str, str]
) -> None:
    cell = cells[where]

    with cell.journal.open(encoding="utf-8") as source:
        replayed = replay(WrittenJournal(source), StagedSimulation)

    assert replayed.is_same
    assert isinstance(replayed.simulation, StagedSimulation)
    report = replayed.simulation.report().as_json()
    assert report["digest"] == cell.report["digest"]
    assert report["verdicts"] == cell.report["verdicts"]


@pytest.mark.parametrize(
    "name, reason",
    [
        ("two_applications", "several applications"),
        ("rebalance_with_group_metadata", "several applications"),
        ("transaction_is_not_torn", "in a gauntlet it is another's"),
        ("application_restarts", "in a gauntlet it is another's"),
    ],
)
def test_a_story_about_the_application_s_own_process_cannot_be_told(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tellable(load(name))


def test_a_story_in_two_phases_cannot_be_told() -> None:
    story = load("marker_response_lost")
    producer = {"transactional.id": "shop", "transaction.two.phase.commit.enable": "true"}

    with pytest.raises(ValueError, match="no library of somebody else's has them"):
        tellable(replace(story, applications=(replace(story.cast[0], producer=producer),)))


def test_a_library_that_is_not_there_is_said_so_and_not_begun(tmp_path: Path) -> None:
    (cell, other) = asyncio.run(table.run("lost_ack_duplicate", 0, [client_named("java")], tmp_path))

    assert "--java" in cell.missing
    assert cell.error == ""
    assert other.report == {}
    assert list(tmp_path.iterdir()) == []


# -- in transactions ---------------------------------------------------------------------------------------------------

IN_TRANSACTIONS = str(Path(__file__).parent / "lost_answers_in_transactions.py")


@pytest.fixture(scope="module")
def transactional(tmp_path_factory: pytest.TempPathFactory) -> dict[str, table.Cell]:
    """Answers are lost, to a record and to the end of a transaction: every library that Python has, as it is by default."""
    folder = tmp_path_factory.mktemp("transactions")
    found = asyncio.run(table.run(IN_TRANSACTIONS, 0, PYTHON_CLIENTS, folder, configurations=("default",)))
    return {one.client: one for one in found}


@pytest.mark.parametrize("client", [one.name for one in PYTHON_CLIENTS])
def test_every_library_commits_each_transaction_once_though_answers_are_lost(
    transactional: dict[str, table.Cell], client: str
) -> None:
    cell = transactional[client]

    assert cell.error == ""
    assert (cell.report["unfired"], cell.report["breach"], cell.broken, cell.hung) == ([], None, {}, 0)
    assert cell.transactions == {"committed": 4}
    torn = next(one for one in cell.report["verdicts"] if one["guarantee"] == "torn")
    assert (torn["state"], torn["checked"] > 0) == ("holds", True)


def test_a_replay_of_transactions_without_sockets_is_the_same_run(transactional: dict[str, table.Cell]) -> None:
    cell = transactional["confluent-kafka"]

    with cell.journal.open(encoding="utf-8") as source:
        replayed = replay(WrittenJournal(source), StagedSimulation)

    assert replayed.is_same
    assert isinstance(replayed.simulation, StagedSimulation)
    assert replayed.simulation.report().as_json()["digest"] == cell.report["digest"]
