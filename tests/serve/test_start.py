"""A served cluster is there at once, is small, and idles: what of that can be said without a clock."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from sim.serve.client import Control
from sim.serve.journal import Answers
from sim.serve.simulation import Simulation
from sim.serve.stage import Stage
from sim.world.units import SECOND_US
from tests.builds import pure_only
from tests.serve.served import answer, connected, metadata_request

ROOT = Path(__file__).parent.parent.parent
END_S_MAX = 180
OF_OTHER_COMMANDS = {
    "hypothesis", "kio", "networkx", "numpy", "pandas", "pyarrow", "rich", "textual", "tomllib",
    "producer.config", "producer.drivers", "producer.engine", "producer.facades", "producer.metrics",
    "sim.clients", "sim.course", "sim.explore", "sim.gauntlet", "sim.mutants", "sim.stories", "sim.tui",
}  # fmt: skip
"""Packages that a search, a screen, a lesson, a run or a client needs, and no cluster."""
MEMORY_MB_MAX = 90
IDLE_S = 60
IDLE_EVENTS_A_SECOND_MAX = 100
"""Of three brokers with a hundred partitions: some 20 us each, a fifth of a percent of a core."""


@contextmanager
def answering(said: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """A served cluster of three that has answered a client and the control port; it says on `said` what it imports."""
    words = ("-X", "importtime", "-m", "sim", "serve", "--port", "0", "--json", "--topic", "orders:3:3")
    with subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            with connected((ready["brokers"][0]["host"], ready["brokers"][0]["port"])) as client:
                client.sendall(metadata_request())
                assert b"orders" in answer(client)
            assert len(Control(ready["control"]).cluster().brokers) == len(ready["brokers"])
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=END_S_MAX)


@pure_only("machine code has imported all that it may ever need")
def test_what_serves_loads_nothing_that_only_other_commands_need(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+") as said:
        with answering(said) as process:
            pass
        assert process.returncode == 0
        said.seek(0)
        loaded = {line.rpartition("|")[2].strip() for line in said if line.startswith("import time:")}

    assert {"sim.serve.server", "sim.serve.control", "sim.cluster.cluster"} <= loaded, "these it needs"
    assert {name for name in loaded if any(f"{name}.".startswith(f"{one}.") for one in OF_OTHER_COMMANDS)} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="nothing says there what a process has had of memory")
def test_three_brokers_that_have_answered_are_small(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+") as said, answering(said) as process:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")

    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert peak_kb / 1024 < MEMORY_MB_MAX


def test_brokers_of_whom_nobody_wants_anything_have_little_to_do() -> None:
    simulation = Simulation(Stage(topics=("orders:100:3",)), Answers())
    simulation.settle()
    simulation.begin()
    world = simulation.world
    before = world.events_processed

    world.run_until(world.now_us + IDLE_S * SECOND_US)

    assert world.events_processed - before < IDLE_S * IDLE_EVENTS_A_SECOND_MAX


def test_ten_brokers_with_a_thousand_partitions_start_and_elect_anew_when_one_of_them_crashes() -> None:
    simulation = Simulation(Stage(brokers=10, topics=("orders:1000:3",)), Answers())
    simulation.settle()
    cluster, world = simulation.cluster, simulation.world
    partitions = cluster.controller.metadata.partitions
    assert Counter(state.leader for state in partitions.values()) == dict.fromkeys(range(1, 11), 100)

    cluster.crash(1)
    world.run_until(world.now_us + 2 * cluster.config.broker_session_timeout_us)

    led_by = Counter(state.leader for state in partitions.values())
    assert sorted(led_by) == list(range(2, 11))
    assert led_by.total() == len(partitions)
