"""Whatever is wrong is named with its value, ends in the right status, and leaves no traceback."""

import socket
from pathlib import Path

import pytest

from producer.wire.api import ApiKey
from sim.cli import doctor_findings
from sim.cluster.broker.handlers import HANDLERS
from tests.architecture.processes import run_python
from tests.cli.command import run_process
from tests.cli.conftest import Acklab

STORY = "acks_one_leader_crash"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "words,said",
    [
        (["run", "nosuch"], "unknown scenario 'nosuch'"),
        (["run", "ack_one_leader_crash"], "did you mean acks_one_leader_crash?"),
        (["run", "nowhere/mine.py"], "nowhere/mine.py does not exist"),
        (["run", STORY, "--set", "ack=1"], "unknown property or setting 'ack'; did you mean acks?"),
        (["run", STORY, "--set", "acks"], "--set 'acks': expected name=value"),
        (["run", STORY, "--set", "acks=5"], "acks is '5'"),
        (["run", STORY, "--set", "acks=1", "--set", "enable.idempotence=true"], "acks is 1, must be all"),
        (["run", STORY, "--set", "linger.ms=soon"], "linger.ms is 'soon'"),
        (["run", STORY, "--set", "value.serializer=json"], "value.serializer is 'json', has no effect in a story"),
        (["run", STORY, "--set", "partitioner.class=robin"], "partitioner.class is 'robin', must be one of"),
        (["run", STORY, "--set", "partitioner.class=tests.cli.partitioners:Unmade"], "Unmade, which cannot be made"),
        (["run", STORY, "--set", "partitioner.class=tests.cli.partitioners:Wrong"], "Wrong chose 'north' for a record"),
        (["run", STORY, "--fault", "crash b1"], "expected it as in 'at 2s: crash b1'"),
        (["run", STORY, "--fault", "at 2s: crush b1"], "'crush b1' is not a fault; did you mean crash?"),
        (["run", STORY, "--beside", "acks"], "--beside 'acks': expected name=value"),
        (["run", STORY, "--input", "/no/such/file"], "cannot read /no/such/file: No such file or directory"),
        (["run", STORY, "--input", "/"], "cannot read /: Is a directory"),
        (["run", STORY, "--trace", "/no/such/trace"], "cannot write /no/such/trace: No such file or directory"),
        (["run", STORY, "--witness", "/"], "cannot write /: Is a directory"),
        (["replay", "/no/such/witness"], "cannot read /no/such/witness"),
        (
            ["produce", "-b", "b1:abc", "-t", "x", "/dev/null"],
            "-b 'b1:abc': bootstrap.servers has 'b1:abc', must be host:port",
        ),
        (["produce", "-b", " , ", "-t", "x", "/dev/null"], "-b ' , ': expected HOST:PORT"),
        (["consume", "-b", "h:0", "-t", "x"], "-b 'h:0': bootstrap.servers has 'h:0', must be host:port"),
        (["produce", "-b", "h:1", "-t", "x", "-X", "ack=1", "/dev/null"], "did you mean acks?"),
        (["produce", "-b", "h:1", "-t", "x", "-H", "=value", "/dev/null"], "-H '=value'"),
        (["produce", "-b", "h:1", "-t", "x", "-D", "", "/dev/null"], "-D is empty"),
        (["produce", "-b", "h:1", "-t", "x", "-K", "\\q", "/dev/null"], r"-K '\\q': '\\q' is none of"),
        (
            ["produce", "-b", "h:1", "-t", "x", "--property", "parse.keys=true", "/dev/null"],
            "expected parse.key, key.separator, null.marker",
        ),
        (["produce", "-b", "h:1", "-t", "x", "/no/such/file"], "cannot read /no/such/file"),
        (["produce", "-b", "h:1", "-t", "x", "/"], "cannot read /: Is a directory"),
        (["produce", "-b", "h:1", "-t", "x", "-K", "", "/dev/null"], "the separator between key and value is empty"),
        (["produce", "-b", "h:1", "-t", "", "/dev/null"], "topic is empty"),
        (
            ["produce", "-b", "h:1", "-t", "two words", "/dev/null"],
            "topic 'two words' of 9 characters is no topic's name",
        ),
        (["produce", "-b", "h:1", "-t", "x" * 250, "/dev/null"], "of 250 characters is no topic's name: 1 to 249"),
        (
            ["produce", "-b", "h:1", "-t", "x", "-H", "\udcff=v", "/dev/null"],
            r"the name of headers[0] is '\udcff', which",
        ),
        (["produce", "-b", "h:1", "-t", "x", "-z", "zip", "/dev/null"], "compression.type is 'zip'"),
        (["consume", "-b", "h:1", "-t", "x", "-o", "soon"], "-o 'soon'"),
        (["consume", "-b", "h:1", "-t", "x", "--isolation", "strict"], "--isolation 'strict'"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_usage_error_names_the_thing_and_the_value(words: list[str], said: str, acklab: Acklab) -> None:
    told = acklab(*words)

    assert told.status == 2
    assert said in told.err
    assert told.out == ""
    assert "Traceback" not in told.err


@pytest.mark.parametrize("words", [["bogus"], ["run"], ["run", STORY, "--seed", "x"], ["produce", "-t", "x"]])
def test_words_that_are_not_understood_are_usage(words: list[str], acklab: Acklab) -> None:
    assert acklab(*words).status == 2


def test_unreadable_file_is_named(acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Tests may run as root, whom no mode keeps out.
    monkeypatch.setattr(Path, "open", refuse)

    told = acklab("run", STORY, "--input", str(tmp_path / "secret.txt"))

    assert told.status == 2
    assert "secret.txt: Permission denied" in told.err


def test_line_without_separator_is_named_and_nothing_is_run(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "records.txt"
    file.write_text("a:1\nnokey\nb:2\n")

    told = acklab("run", STORY, "--input", str(file))

    assert told.status == 2
    assert f"{file}, line 2: no ':' between key and value: 'nokey'; nothing was sent" in told.err


def test_first_line_without_separator_is_named_and_nobody_is_asked(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "records.txt"
    file.write_text("nokey\nb:2\n")

    told = acklab("produce", "-b", f"127.0.0.1:{free_port()}", "-t", "x", "-K", ":", str(file))

    assert told.status == 2
    assert f"{file}, line 1: no ':' between key and value: 'nokey'; 0 records had been sent before" in told.err


def test_line_that_is_no_text_is_shown_all_the_same(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "records.bin"
    file.write_bytes(b"\xff\xfe\n")

    told = acklab("produce", "-b", "h:1", "-t", "x", "-K", ":", str(file))

    assert told.status == 2
    assert rf"{file}, line 1: no ':' between key and value: '\\xff\\xfe'; 0 records had been sent before" in told.err


@pytest.mark.parametrize("separator", [[], ["-K", ":"]], ids=["plain", "keyed"])
def test_empty_file_has_nothing_to_produce_and_waits_for_nobody(
    separator: list[str], acklab: Acklab, tmp_path: Path
) -> None:
    file = tmp_path / "records.txt"
    file.write_text("")

    told = acklab("produce", "-b", f"127.0.0.1:{free_port()}", "-t", "x", *separator, str(file))

    assert (told.status, told.out, told.err) == (0, "produced 0 records to x\n", "")


def test_empty_file_is_no_story(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "records.txt"
    file.write_text("")

    told = acklab("run", STORY, "--input", str(file))

    assert told.status == 2
    assert "holds no records" in told.err


def test_outcome_that_cannot_be_written_is_known_before_the_run(acklab: Acklab, tmp_path: Path) -> None:
    fine = tmp_path / "witness.json"

    told = acklab("run", STORY, "--witness", str(fine), "--trace", str(tmp_path))

    assert told.status == 2
    assert not fine.exists()
    assert "VIOLATED" not in told.out


@pytest.mark.parametrize("text", ["", "SCENARIO = 1", "import nothing_of_that_name", "def"])
def test_invalid_scenario_has_a_status_of_its_own(text: str, acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)

    told = acklab("run", str(file))

    assert told.status == 4
    assert f"invalid scenario: {file}" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("text", ["", "{", "{}", "hello"])
def test_file_that_is_no_witness_is_named(text: str, acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "witness.json"
    file.write_text(text)

    told = acklab("replay", str(file))

    assert told.status == 2
    assert str(file) in told.err


def test_bug_of_ours_asks_for_a_report_and_shows_no_traceback(acklab: Acklab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("log end below its start")

    monkeypatch.delenv("ACKLAB_DEBUG", raising=False)
    monkeypatch.setattr("sim.stories.runner.run", fail)

    told = acklab("run", STORY)

    assert told.status == 70
    assert "a bug of ours: AssertionError: log end below its start" in told.err
    assert "please report it" in told.err
    assert "Traceback" not in told.err


def test_a_broker_that_fails_is_a_bug_of_ours_and_the_request_is_printed(
    acklab: Acklab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("log end below its start")

    monkeypatch.delenv("ACKLAB_DEBUG", raising=False)
    monkeypatch.setitem(HANDLERS, ApiKey.METADATA, fail)

    told = acklab("run", STORY)

    assert told.status == 70
    assert "a bug of ours: BrokerFailedError: b" in told.err
    assert "on Metadata 13 of producer-1" in told.err
    assert "AssertionError: log end below its start (" in told.err
    # ApiKey 3, version 13.
    assert "acklab: the request: 0003000d" in told.err
    assert "please report it" in told.err


def test_debugging_shows_where_a_bug_is(acklab: Acklab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("log end below its start")

    monkeypatch.setenv("ACKLAB_DEBUG", "1")
    monkeypatch.setattr("sim.stories.runner.run", fail)

    with pytest.raises(AssertionError, match="log end below its start"):
        acklab("run", STORY)


def test_interruption_has_a_status_of_its_own(acklab: Acklab, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.stories.runner.run", interrupt)

    assert acklab("run", STORY).status == 130


# -- brokers that are not there ----------------------------------------------------------------------------------------


def test_produce_names_the_server_that_does_not_answer_and_how_long_it_tried(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "records.txt"
    file.write_text("a:1\nb:2\n")
    server = f"127.0.0.1:{free_port()}"

    told = acklab("produce", "-b", server, "-t", "x", "-K", ":", "-X", "max.block.ms=300", str(file))

    assert told.status == 1
    assert server in told.err
    assert "after 300 ms" in told.err
    assert "produced 0 records to x" in told.out


def test_consume_names_the_server_that_does_not_answer_and_how_long_it_tried(acklab: Acklab) -> None:
    server = f"127.0.0.1:{free_port()}"

    told = acklab("consume", "-b", server, "-t", "x", "-e", "--timeout", "1")

    assert told.status == 1
    assert f"no answer from {server} within 1 s" in told.err


# -- the command itself ------------------------------------------------------------------------------------------------


def test_acklab_alone_prints_help(acklab: Acklab) -> None:
    told = acklab()

    assert told.status == 0
    assert "run" in told.out


def test_reader_that_closes_the_pipe_early_is_no_error() -> None:
    import subprocess
    import sys

    from tests.cli.command import ROOT

    done = subprocess.run(
        f"{sys.executable} -m sim run hot_key --json | head -c 1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=180,
    )

    assert done.stdout == b"{"
    assert done.stderr == b""


def test_doctor_names_what_is_here(acklab: Acklab) -> None:
    told = acklab("doctor")

    assert told.status == 0
    assert "python" in told.out
    assert "everything that acklab needs is here" in told.out


def test_doctor_names_the_command_that_installs_what_is_missing(
    acklab: Acklab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_findings, "requirements", lambda: [("no-such-package", "")])
    monkeypatch.setenv("PATH", "/nowhere")

    told = acklab("doctor")

    assert told.status == 1
    assert "✗ no-such-package" in told.out
    assert "python -m pip install acklab" in told.out
    assert "apt-get install maven" in told.out


def test_the_command_line_loads_no_simulator_before_a_command_needs_it() -> None:
    loaded = run_python("-c", "import sys, sim.cli; print(*sys.modules)").split()

    heavy = (
        "sim.stories",
        "sim.faults",
        "sim.cluster",
        "sim.trace",
        "sim.clients",
        "producer.engine",
        "textual",
        "pydantic",
        "simpy",
    )
    assert [name for name in loaded if name.startswith(heavy)] == []


def test_help_is_quick_to_load() -> None:
    told = run_process("run", "--help")

    assert told.status == 0
    assert "--beside" in told.out
