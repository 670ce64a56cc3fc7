"""Java's clients before `acklab serve`: the console tools as they are, and the program of docs/serve.md through a crash."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.judges.verdict import State
from sim.serve.client import Control
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.interop.jars import TOOL_S_MAX, java, run_class
from tests.serve.programs import program
from tests.serve.served import Served

STAGE = Stage(
    topics=("orders:4:3",),
    settings=(
        ("broker.session.timeout.ms", "1000"),
        ("broker.heartbeat.interval.ms", "200"),
        ("group.initial.rebalance.delay.ms", "0"),
    ),
)
ROUNDS = 60
TOPICS = "org.apache.kafka.tools.TopicCommand"
CONFIGS = "kafka.admin.ConfigCommand"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, control_port=0)) as served:
        yield served


def tool(cluster: Served, name: str, *words: str) -> str:
    return run_class(name, "--bootstrap-server", cluster.bootstrap, *words)


def written_by_the_console(cluster: Served, topic: str, lines: range) -> None:
    """Write a record of each number, under a key of its own: by chance alone a partition might get none."""
    words = ["--bootstrap-server", cluster.bootstrap, "--topic", topic]
    done = subprocess.run(
        java(PRODUCER, *words, "--reader-property", "parse.key=true", "--reader-property", "key.separator=:"),
        input="".join(f"key-{line}:{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        timeout=TOOL_S_MAX,
        check=False,
    )
    assert done.returncode == 0, done


def test_the_console_tools_create_write_read_as_a_group_describe_and_delete(cluster: Served) -> None:
    tool(cluster, TOPICS, "--create", "--topic", "made", "--partitions", "2", "--replication-factor", "3")
    tool(cluster, TOPICS, "--alter", "--topic", "made", "--partitions", "4")
    tool(cluster, CONFIGS, "--alter", "--topic", "made", "--add-config", "retention.ms=1234567")
    described = tool(cluster, TOPICS, "--describe", "--topic", "made")
    written_by_the_console(cluster, "made", range(20))
    read = tool(
        cluster, CONSUMER, "--topic", "made", "--group", "app", "--from-beginning", "--max-messages", "20",
        "--timeout-ms", "20000",
    )  # fmt: skip
    groups = tool(cluster, GROUPS, "--list")
    group = tool(cluster, GROUPS, "--describe", "--group", "app")
    tool(cluster, GROUPS, "--reset-offsets", "--group", "app", "--topic", "made", "--to-earliest", "--execute")
    reset = tool(cluster, GROUPS, "--describe", "--group", "app")
    tool(cluster, GROUPS, "--delete", "--group", "app")
    tool(cluster, TOPICS, "--delete", "--topic", "made")

    assert "PartitionCount: 4" in described
    assert "retention.ms=1234567" in described
    assert sorted(map(int, read.split())) == list(range(20))
    assert groups.split() == ["app"]
    assert lags(group) == [0] * 4
    assert sum(lags(reset)) == 20
    assert "made" not in tool(cluster, TOPICS, "--list").split()


def lags(described: str) -> list[int]:
    """The column LAG of what consumer-groups prints."""
    rows = [line.split() for line in described.splitlines() if line.strip()]
    heading = next(row for row in rows if "LAG" in row)
    return [int(row[heading.index("LAG")]) for row in rows if row[0] == "app"]


def test_two_programs_of_the_page_share_a_group_and_go_on_when_a_leader_crashes(tmp_path: Path) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster, ExitStack() as ends:
        source = tmp_path / "Orders.java"
        source.write_text(program("Java", bootstrap=cluster.bootstrap, rounds=ROUNDS))
        control = Control(cluster.server.control_url)
        control.strike("after RequestReceived#20 api=Produce: crash leader(orders-0)")
        both = [
            ends.enter_context(
                subprocess.Popen(java(str(source)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            for _ in range(2)
        ]
        said = [one.communicate(timeout=2 * TOOL_S_MAX) for one in both]

        assert [one.returncode for one in both] == [0, 0], said
        assert [one.fate.value for one in control.faults()] == ["fired"]

    assert cluster.judgement.state is State.HOLDS
    assert cluster.judgement.acknowledged_records == 2 * ROUNDS


@pytest.mark.parametrize(
    ("property_of_it", "state"), [("true", State.HOLDS), ("false", State.VIOLATED)], ids=["idempotent", "plain"]
)
def test_a_lost_answer_is_a_duplicate_of_a_producer_that_is_not_idempotent(
    cluster: Served, property_of_it: str, state: State
) -> None:
    Control(cluster.server.control_url).strike("drop Produce x1 by anybody then reset")

    done = subprocess.run(
        java(
            PRODUCER, "--bootstrap-server", cluster.bootstrap, "--topic", "orders",
            "--producer-property", f"enable.idempotence={property_of_it}", "--message-send-max-retries", "5",
        ),
        input="once\n", capture_output=True, encoding="utf-8", timeout=TOOL_S_MAX, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done
    verdicts = Control(cluster.server.control_url).verdicts()
    assert (verdicts["state"], verdicts["doubled_records"]) == (state.value, int(state is State.VIOLATED))


@pytest.mark.parametrize(
    ("is_turned", "state"), [(False, State.HOLDS), (True, State.VIOLATED)], ids=["idempotent", "plain"]
)
def test_the_duplicate_of_the_page_is_told_unless_the_producer_is_idempotent(
    is_turned: bool, state: State, tmp_path: Path
) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster:
        source = tmp_path / "Orders.java"
        source.write_text(program("Java", bootstrap=cluster.bootstrap, rounds=ROUNDS, is_turned=is_turned))
        Control(cluster.server.control_url).strike("drop Produce x1 by anybody then reset")
        done = subprocess.run(
            java(str(source)), capture_output=True, encoding="utf-8", timeout=2 * TOOL_S_MAX, check=False
        )

    assert done.returncode == 0, done
    assert cluster.judgement.state is state
    assert (cluster.judgement.doubled_records >= 1) is (state is State.VIOLATED)
    assert cluster.judgement.lost_records == 0
