"""Apache Kafka's own producer runs the gauntlet: in the place of a simulated application, on a simulated cluster."""

import asyncio
from pathlib import Path

import pytest

from sim.gauntlet import table
from sim.gauntlet.clients import CONFIGURATIONS, client_named
from sim.gauntlet.staged import StagedSimulation
from sim.serve.journal import WrittenJournal
from sim.serve.replay import replay
from tests.interop.jars import class_path


@pytest.mark.parametrize("story", ["lost_ack_duplicate", "default_config_survives_leader_moves"])
def test_java_keeps_every_promise_and_its_replay_is_the_same(story: str, tmp_path: Path) -> None:
    cells = asyncio.run(table.run(story, 0, [client_named("java")], tmp_path, java_class_path=class_path()))

    for cell in cells:
        assert cell.error == ""
        assert cell.version
        assert (cell.broken, cell.hung, cell.report["unfired"]) == ({}, 0, [])
        assert cell.report["counts"]["acknowledged"] == cell.report["counts"]["sent"] > 0
        with cell.journal.open(encoding="utf-8") as source:
            replayed = replay(WrittenJournal(source), StagedSimulation)
        assert replayed.is_same
    assert [cell.configuration for cell in cells] == list(CONFIGURATIONS)
