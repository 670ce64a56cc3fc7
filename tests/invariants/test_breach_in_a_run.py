"""A breach is a bug of ours: it ends whatever runs with exit 70 and names the event; a planted bug's run only says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from producer.wire.api import ApiKey
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.request import Request
from sim.cluster.broker.serving import ServingBroker
from sim.explore.campaign import Tally, explore
from sim.explore.search import Search
from sim.judges.guarantees import GUARANTEES
from sim.judges.invariants import NAMES, InvariantError
from sim.mutants import MUTANTS
from sim.stories.runner import run
from sim.stories.scenario import load
from tests.cli.command import Told, run_here

STORY = "default_config"
produce = HANDLERS[ApiKey.PRODUCE]


def forgets_what_is_committed(broker: ServingBroker, request: Request) -> object:
    """Work on a Produce request with every high watermark back at the beginning."""
    for partition in broker.partitions.values():
        partition.log.high_watermark = 0
    return produce(broker, request)


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACKLAB_DEBUG", raising=False)
    monkeypatch.setitem(HANDLERS, ApiKey.PRODUCE, forgets_what_is_committed)


@pytest.fixture
def witness(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A witness that was written while everything was all right."""
    path = str(tmp_path / "witness.json")
    assert run_here(capsys, monkeypatch, "run", STORY, "--witness", path).status == 0
    return path


@pytest.mark.usefixtures("_broken")
def test_a_run_ends_at_a_breach() -> None:
    with pytest.raises(
        InvariantError, match=r"^high watermark: the high watermark of orders-\d fell from .* after event #\d+"
    ):
        run(load(STORY))


@pytest.mark.parametrize(
    "words",
    [
        ("run", STORY),
        ("run", STORY, "--beside", "acks=1"),
        ("watch", STORY, "--plain"),
        ("explore", STORY, "-n", "2", "-j", "1"),
        ("replay", "WITNESS"),
        ("learn", "start", "acks", "--predict", "a: b", "--predict", "a: b", "--predict", "a: b", "--predict", "a: b", "--predict", "a: b"),
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
@pytest.mark.usefixtures("witness", "_broken")
def test_a_breach_is_exit_70_at_every_command(
    words: tuple[str, ...],
    witness: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACKLAB_STATE", str(tmp_path / "state"))

    told = run_here(capsys, monkeypatch, *(witness if word == "WITNESS" else word for word in words))

    assert_told(told)


def test_a_breach_is_exit_70_when_an_exercise_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACKLAB_STATE", str(tmp_path / "state"))
    run_here(capsys, monkeypatch, "learn", "start", "acks")
    monkeypatch.delenv("ACKLAB_DEBUG", raising=False)
    monkeypatch.setitem(HANDLERS, ApiKey.PRODUCE, forgets_what_is_committed)

    assert_told(run_here(capsys, monkeypatch, "learn", "check"))


def assert_told(told: Told) -> None:
    assert told.status == 70
    assert "InvariantError" in told.err
    assert "high watermark: the high watermark of orders-" in told.err
    assert "after event #" in told.err
    assert "the invariant: a high watermark never falls within a leader's term" in told.err
    assert "the event: BatchAppended(" in told.err
    assert "Traceback" not in told.err


# -- planted bugs ------------------------------------------------------------------------------------------------------


def test_a_planted_bug_runs_on_and_its_report_says_which_invariant_it_broke(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (
        "run",
        STORY,
        "--planted-bug",
        "forgetful_failover",
        "--fault",
        "after PhaseSent#1 phase=2: move orders-0 to b3",
    )

    told = run_here(capsys, monkeypatch, *words)
    given = json.loads(run_here(capsys, monkeypatch, *words, "--json").out)

    assert told.status == 1
    assert "✗ invariant  BREACHED: producer state: b" in told.out
    assert "PLANTED BUG forgetful_failover" in told.out
    assert given["exit_code"] == 1
    assert given["breach"]["invariant"] == "producer state"
    assert {one["state"] for one in given["verdicts"]} == {"holds"}


def test_a_planted_bug_that_breaks_an_invariant_is_found_by_the_search() -> None:
    tally = Tally()

    for _ in explore(Search(planted_bug="forgetful_failover"), 20, tally=tally, until_found=True):
        pass

    (found,) = tally.found
    assert found.broken == ("producer state",)
    assert found.witness.planted_bug == "forgetful_failover"


def test_a_search_for_verdicts_alone_passes_invariants_by() -> None:
    search = Search(planted_bug="forgetful_failover", guarantees=tuple(GUARANTEES))
    trial = search.trial(0)

    assert set(trial.broken(search.tried(trial))).isdisjoint(NAMES)


@pytest.mark.parametrize("name", MUTANTS)
def test_no_planted_bug_breaks_an_invariant_while_nothing_goes_wrong(name: str) -> None:
    assert run(load(STORY), mutant=MUTANTS[name]).breach is None
