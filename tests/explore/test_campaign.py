"""A campaign counts honestly, finds the same on one process as on two, and loses nothing when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.explore.campaign import CHUNK, Tally, _workers, explore
from sim.explore.search import Found, Outcome, Search
from sim.explore.stuck import is_stuck
from sim.faults.schedule import parse_entry
from tests.cli.command import ROOT
from tests.cli.conftest import Acklab

SEARCH = Search(planted_bug="acks_before_replication")
STUCK = ("after PhaseBegan#1 phase=1: answer Produce orders-0 NOT_ENOUGH_REPLICAS x1 by leader(orders-0)",)


def explored(search: Search, schedules: int, *, jobs: int = 1, chunk: int = CHUNK) -> Tally:
    tally = Tally()
    for _ in explore(search, schedules, tally=tally, jobs=jobs, chunk=chunk):
        pass
    return tally


def test_two_processes_find_what_one_finds_and_smaller_chunks_the_same() -> None:
    # Without idempotence hardly any fault is harmless, whichever kinds there are.
    search = Search(properties={"enable.idempotence": "false"})

    alone, apart = explored(search, 12), explored(search, 12, jobs=2, chunk=5)

    assert apart == alone
    assert alone.found
    assert alone.looked == alone.held + alone.inconclusive + len(alone.failing) == 12


def test_one_finding_a_shape_is_kept() -> None:
    found = SEARCH.unshrunk(6)
    tally = Tally()

    assert tally.keep(found)
    assert not tally.keep(Found(99, found.broken, found.witness))
    assert tally.found == [found]


def test_run_that_does_not_repeat_is_noted() -> None:
    tally = Tally()

    tally.count(Outcome(20, (), True, 1, 1_000, False))

    assert tally.unrepeatable == [20]


def test_stuck_batch_is_found_for_a_fresh_producer_and_not_with_the_remedy() -> None:
    search = Search(is_fresh=True)
    schedule = tuple(map(parse_entry, STUCK))
    remedied = Search(is_fresh=True, properties={"acklab.fresh.producer.pipelining": "false"})

    assert is_stuck(search.run(8, schedule).trace)
    assert not is_stuck(remedied.run(8, schedule).trace)


# -- the command -------------------------------------------------------------------------------------------------------


def test_nothing_found_ends_in_0_with_honest_counts(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", "--schedules", "5", "--jobs", "1", "--out", str(tmp_path / "none"))

    assert told.status == 0
    assert "held in 5 schedules, broke in 0, inconclusive in 0" in told.out
    assert "runs/s" in told.out
    assert "simulated seconds a second" in told.out
    assert told.err == ""
    assert not (tmp_path / "none").exists()


def test_finding_ends_in_1_and_its_witness_repeats(acklab: Acklab, tmp_path: Path) -> None:
    words = ["explore", "-n", "60", "-j", "1", "--until-found", "--planted-bug", "forgetful_failover"]

    told = acklab(*words, "--out", str(tmp_path))

    assert told.status == 1
    assert "! PLANTED BUG forgetful_failover" in told.out
    (path,) = tmp_path.iterdir()
    assert f"acklab replay {path}" in told.out
    assert acklab("replay", str(path)).status == 1


@pytest.mark.parametrize(("settings", "hints"), [((), 1), (("delivery.timeout.ms=3000", "request.timeout.ms=1000"), 0)])
def test_a_bug_that_hides_says_under_which_properties_it_was_found(
    acklab: Acklab, tmp_path: Path, settings: tuple[str, ...], hints: int
) -> None:
    words = [word for setting in settings for word in ("--set", setting)]

    told = acklab(
        "explore", "-n", "1", "-j", "1", "--planted-bug", "diverging_follower", "--out", str(tmp_path), *words
    )

    assert told.out.count("found only with --set delivery.timeout.ms=3000 --set request.timeout.ms=1000") == hints


def test_json_says_the_same(acklab: Acklab, tmp_path: Path) -> None:
    words = [
        "explore",
        "lost_ack_duplicate",
        "-n",
        "200",
        "-j",
        "1",
        "--look-for",
        "duplicated",
        "--until-found",
        "--json",
    ]

    told = acklab(*words, "--out", str(tmp_path))

    given = json.loads(told.out)
    assert told.status == 1
    assert given["format"] == "acklab-explore-1"
    assert given["held"] + given["broke"] + given["inconclusive"] == given["schedules"] <= 200
    assert not given["is_warm"]
    assert {Path(finding["witness"]).parent for finding in given["findings"]} == {tmp_path}


@pytest.mark.parametrize(
    "words,said",
    [
        (["nosuch"], "unknown scenario 'nosuch'"),
        (["--faults", "X"], "--faults 'X': expected letters of NC"),
        (["--look-for", "gone"], "--look-for 'gone': expected one of lost, duplicated"),
        (["--set", "ack=1"], "unknown property or setting 'ack'; did you mean acks?"),
        (["--set", "acks"], "--set 'acks': expected name=value"),
        (["--planted-bug", "forgetful"], "did you mean forgetful_failover?"),
        (["--out", "/dev/null/there"], "cannot write into /dev/null/there: /dev/null is not a directory"),
        (["--schedules", "0"], "Invalid value for '--schedules'"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_usage_error_names_the_thing_and_the_value(words: list[str], said: str, acklab: Acklab) -> None:
    told = acklab("explore", *words)

    assert told.status == 2
    assert said in told.err
    assert "Traceback" not in told.err


def _interrupts_blocked(_: object = None) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_control_c_reaches_no_worker_not_even_one_that_is_only_beginning() -> None:
    with _workers(Search(), 2) as submit:
        assert all(submit(_interrupts_blocked).result() for _ in range(4))

    assert not _interrupts_blocked()


def test_control_c_keeps_the_findings_and_ends_in_130(tmp_path: Path) -> None:
    # Its findings come soon, and are soon shrunk.
    words = [
        "explore",
        "lost_ack_duplicate",
        "-n",
        "100000",
        "-j",
        "2",
        "--look-for",
        "duplicated",
        "--out",
        str(tmp_path),
    ]
    # Whoever runs the tests in the background of a shell has SIGINT ignored, and every process begun from there with it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [sys.executable, "-m", "sim", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    # Four processes share the cores with the rest of the suite.
    deadline_s = time.monotonic() + 600
    while not list(tmp_path.glob("*.json")) and time.monotonic() < deadline_s:
        time.sleep(0.1)

    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=300)

    assert running.returncode == 130
    assert "interrupted; every finding is written" in out
    assert "held in" in out
    assert "Traceback" not in err
    assert list(tmp_path.glob("duplicated*.json"))
