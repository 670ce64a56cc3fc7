"""The Python programs of docs/serve.md do what the page says: two share a group, a leader crashes, a duplicate is told."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sim.judges.verdict import State
from sim.serve.client import Control
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.serve.programs import program
from tests.serve.served import Served

QUICK = (
    ("broker.session.timeout.ms", "1000"),
    ("broker.heartbeat.interval.ms", "200"),
    ("group.initial.rebalance.delay.ms", "0"),
)
STAGE = Stage(topics=("orders:4:3",), settings=QUICK)
ROUNDS = 40
END_S_MAX = 180


@contextmanager
def running(text: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", ["confluent-kafka", "kafka-python"])
def test_two_share_a_group_and_go_on_when_a_leader_crashes(name: str) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster, ExitStack() as ends:
        control = Control(cluster.server.control_url)
        control.strike("after RequestReceived#10 api=Produce: crash leader(orders-0)")
        text = program(name, bootstrap=cluster.bootstrap, rounds=ROUNDS)
        both = [ends.enter_context(running(text)) for _ in range(2)]
        said = [one.communicate(timeout=END_S_MAX) for one in both]

        assert [one.returncode for one in both] == [0, 0], said
        assert [one.fate.value for one in control.faults()] == ["fired"]

    assert cluster.judgement.state is State.HOLDS
    assert cluster.judgement.acknowledged_records == 2 * ROUNDS


@pytest.mark.parametrize(
    ("name", "is_turned", "state"),
    [
        ("confluent-kafka", False, State.VIOLATED),
        ("confluent-kafka", True, State.HOLDS),
        ("kafka-python", True, State.VIOLATED),
        ("kafka-python", False, State.HOLDS),
    ],
    ids=["confluent-kafka", "confluent-kafka, idempotent", "kafka-python, not idempotent", "kafka-python"],
)
def test_the_duplicate_of_the_page_is_told_at_the_end_unless_the_producer_is_idempotent(
    name: str, is_turned: bool, state: State
) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster:
        control = Control(cluster.server.control_url)
        control.strike("drop Produce x1 by anybody then reset")
        with running(program(name, bootstrap=cluster.bootstrap, rounds=ROUNDS, is_turned=is_turned)) as process:
            said = process.communicate(timeout=END_S_MAX)
        assert [one.fate.value for one in control.faults()] == ["fired"]

    assert process.returncode == 0, said
    assert cluster.judgement.state is state
    assert (cluster.judgement.doubled_records >= 1) is (state is State.VIOLATED)
    assert cluster.judgement.lost_records == 0
