"""`acklab serve`: one line says where, a signal ends it with a verdict, and what cannot be is said in one line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer

from sim.trace.trace import Trace
from tests.cli.command import COMMAND_S_MAX, ROOT
from tests.cli.conftest import Acklab


@contextmanager
def serving(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "serve", "--port", "0", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def ended(process: subprocess.Popen[str], by: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(by)
    out, err = process.communicate(timeout=COMMAND_S_MAX)
    return process.returncode, out, err


def produce_one(bootstrap: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce("orders", b"1")
    assert producer.flush(COMMAND_S_MAX) == 0


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_what_became_of_what_was_acknowledged(by: signal.Signals, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    with serving("--json", "--topic", "orders:3:3", "--trace", str(trace)) as process:
        ready = json.loads(first_line(process))
        produce_one(ready["bootstrap"])
        status, out, err = ended(process, by)

    assert (status, err) == (0, "")
    assert [broker["id"] for broker in ready["brokers"]] == [1, 2, 3]
    said = json.loads(out)
    assert (said["state"], said["acknowledged_records"], said["lost_records"]) == ("holds", 1, 0)
    with trace.open() as lines:
        _, read = Trace.read(lines)
    assert any(type(event).__name__ == "BatchAppended" for event in read.events)


def test_a_person_is_told_where_in_one_line_and_the_verdict_at_the_end() -> None:
    with serving("--brokers", "1") as process:
        line = first_line(process)
        status, out, err = ended(process, signal.SIGINT)

    assert line.startswith("1 broker at 127.0.0.1:")
    assert (status, err) == (0, "")
    assert "✓ every acknowledged record is in the log of whoever leads now" in out


def test_the_faults_of_a_story_strike_while_it_is_served() -> None:
    with serving("rolling_restart", "--json") as process:
        ready = json.loads(first_line(process))
        _, out, _ = ended(process, signal.SIGINT)

    said = json.loads(out)
    assert ready["story"] == "rolling_restart"
    assert said["faults"], "its schedule is told, with what became of each"
    assert {one["fate"] for one in said["faults"]} <= {"pending", "fired", "refused"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--topic", "orders:3:4"), "replication_factor is 4, brokers are 3"),
        (("--topic", "orders:many"), "topic 'orders:many': expected NAME:PARTITIONS:FACTOR, such as orders:6:3"),
        (("--set", "min.insync.replica=2"), "did you mean min.insync.replicas?"),
        (("--set", "broker.session.timeout.ms=soon"), "broker.session.timeout.ms is 'soon', must be a whole number"),
        (("no_such_story",), "unknown scenario 'no_such_story'"),
        (("--port", "65535"), "cannot listen at 127.0.0.1:65536"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(acklab: Acklab, words: tuple[str, ...], told: str) -> None:
    said = acklab("serve", "--port", "0", *words)

    assert (said.status, said.out) == (2, "")
    assert told in said.err
    assert said.err.count("\n") == 1


def test_a_journal_is_replayed_with_the_same_digests_and_the_same_verdict(acklab: Acklab, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with serving("--json", "--topic", "orders", "--journal", str(journal)) as process:
        produce_one(json.loads(first_line(process))["bootstrap"])
        ended(process, signal.SIGINT)

    told = acklab("replay", str(journal))
    said = json.loads(acklab("replay", str(journal), "--json").out)

    assert (told.status, told.err) == (0, "")
    assert "acknowledged   1, as far as brokers said so" in told.out
    assert said["is_same"]
    assert said["end"] == said["end_expected"]


def test_a_journal_that_shows_another_run_is_a_bug_of_ours(acklab: Acklab, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with serving("--json", "--journal", str(journal)) as process:
        first_line(process)
        ended(process, signal.SIGINT)
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text(lines[0].replace('"seed":0', '"seed":1') + "".join(lines[1:]))

    told = acklab("replay", str(journal))

    assert told.status == 70
    assert "the run is another one" in told.err


def test_ctl_strikes_shows_and_ends_a_server(acklab: Acklab) -> None:
    with serving("--json", "--topic", "orders:1:3") as process:
        at = ("--at", json.loads(first_line(process))["control"])
        struck = acklab("ctl", "strike", "crash b2", *at)
        refused = acklab("ctl", "strike", "crash b2", *at)
        shown = acklab("ctl", "cluster", *at)
        listed = acklab("ctl", "faults", *at)
        ended_by_ctl = acklab("ctl", "shutdown", *at)
        status = process.wait(COMMAND_S_MAX)

    assert (struck.status, struck.out) == (0, "0  fired    at 0s: crash b2\n")
    assert (refused.status, refused.out) == (3, "1  refused  at 0s: crash b2: broker 2 is down\n")
    assert "  down, serves nobody\n" in shown.out
    assert "orders-0  leader b1, epoch 0, isr " in shown.out
    assert listed.out == struck.out + refused.out
    assert (ended_by_ctl.status, json.loads(ended_by_ctl.out)["state"]) == (0, "holds")
    assert status == 0


def test_ctl_says_where_nobody_answers(acklab: Acklab) -> None:
    told = acklab("ctl", "cluster", "--at", "http://127.0.0.1:1")

    assert (told.status, told.out) == (2, "")
    assert told.err == "acklab: no answer from http://127.0.0.1:1: [Errno 111] Connection refused\n"
