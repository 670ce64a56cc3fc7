"""The check of lesson 2 passes what is right, and refuses each wrong answer with words of its own."""

from pathlib import Path

import pytest

from sim.course.checking import Checked
from sim.course.configuration import read_configuration
from sim.course.exercise import ExerciseError, load_exercise
from sim.course.lesson import lesson
from sim.course.staged import source_of
from sim.stories.runner import run
from sim.stories.scenario import load

LESSON = lesson("acks")
CHECK = LESSON.module("check")
NIGHTS = 200
FEW = 40
"""Enough nights for an answer that is refused only after the last one."""
RIGHT = "TOPIC = {'replication.factor': 3, 'min.insync.replicas': 2}"


def checked(path: Path, nights: int = NIGHTS) -> Checked:
    answer: Checked = CHECK.check(load_exercise(path), lambda _done, _of: None, range(nights))
    return answer


def written(path: Path, text: str) -> Path:
    file = path / "mine.py"
    file.write_text(text, encoding="utf-8")
    return file


def test_solution_passes_200_nights() -> None:
    answer = checked(LESSON.folder / "solution.py")

    assert answer.is_passed
    assert answer.runs == NIGHTS == CHECK.SEEDS
    assert answer.broken is None


@pytest.mark.parametrize(
    "name,cause,words",
    [
        ("acks_one", "acks=1", "high watermark"),
        ("alone_in_sync", "alone in sync", "ISR shrank"),
        ("no_spare", "no spare", "NOT_ENOUGH_REPLICAS"),
        ("unclean", "unclean election", "not in sync and never had the order"),
        ("impatient", "gave up", "nine seconds"),
    ],
)
def test_wrong_answer_is_refused_with_words_of_its_own(name: str, cause: str, words: str) -> None:
    answer = checked(LESSON.folder / "wrong" / f"{name}.py", FEW)

    assert not answer.is_passed
    assert answer.cause == cause
    assert words in " ".join(answer.explained)
    assert answer.broken is not None
    assert answer.broken.event >= 0


def test_every_planted_wrong_answer_is_tested() -> None:
    tested = {"acks_one", "alone_in_sync", "no_spare", "unclean", "impatient"}

    assert {path.stem for path in (LESSON.folder / "wrong").glob("*.py")} == tested


def test_exercise_as_it_is_handed_out_does_not_pass() -> None:
    assert checked(LESSON.folder / "exercise.py", FEW).cause == "acks=1"


@pytest.mark.parametrize(
    "text,cause",
    [
        ("PRODUCER = {'acks': 0}\n" + RIGHT, "acks=0"),
        ("PRODUCER = {}\nTOPIC = {'min.insync.replicas': 2}", "one copy"),
        ("PRODUCER = {}\nTOPIC = {'replication.factor': 2}", "alone in sync"),
        ("PRODUCER = {}\nTOPIC = {'replication.factor': 2, 'min.insync.replicas': 2}", "no spare"),
        ("PRODUCER = {'retries': 2}\n" + RIGHT, "gave up"),
        ("PRODUCER = {'max.block.ms': 1}\n" + RIGHT, "gave up"),
    ],
)
def test_other_wrong_answers_are_told_apart(tmp_path: Path, text: str, cause: str) -> None:
    assert checked(written(tmp_path, text), FEW // 2).cause == cause


def test_without_idempotence_nothing_is_lost_and_the_repeats_are_named(tmp_path: Path) -> None:
    answer = checked(written(tmp_path, "PRODUCER = {'enable.idempotence': False}\n" + RIGHT), FEW)

    assert answer.is_passed
    assert "written twice" in answer.explained[-1]


def test_broken_night_written_as_a_file_is_the_same_run(tmp_path: Path) -> None:
    broken = checked(LESSON.folder / "wrong" / "acks_one.py").broken
    assert broken is not None
    seed = broken.report.seed

    file = written(tmp_path, source_of(broken.scenario, seed=seed))

    assert run(load(str(file)), seed).digest == broken.report.digest


def test_every_fault_of_a_night_strikes() -> None:
    right = read_configuration(load_exercise(LESSON.folder / "solution.py"), brokers=3)

    for seed in range(10):
        report = run(CHECK.night(seed, right), seed)
        assert not report.unfired
        assert not report.refused
        assert not report.stopped


@pytest.mark.parametrize(
    "text,line,said",
    [
        ("PRODUCER = {'acks': 'all'\nTOPIC = {}", 1, "this is not Python"),
        ("PRODUCER = {}\nTOPIC = {}\n1 / 0", 3, "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", 2, "SystemExit: 3"),
        ("PRODUCER = {\n  'ack': 'all'}\nTOPIC = {}", 2, "unknown property 'ack'; did you mean acks?"),
        ("PRODUCER = {\n  'linger.ms': 1,\n  'acks': 'two'}\nTOPIC = {}", 3, "acks is 'two'"),
        ("PRODUCER = {'acks': None}\nTOPIC = {}", 1, "must be one text, number or truth value"),
        ("PRODUCER = {'bootstrap.servers': 'x:1'}\nTOPIC = {}", 1, "the simulated cluster's matter"),
        ("PRODUCER = {'retries': 0, 'enable.idempotence': True}\nTOPIC = {}", 1, "retries is 0"),
        ("PRODUCER = {}\nTOPIC = {'min.insync.replica': 2}", 2, "did you mean min.insync.replicas?"),
        ("PRODUCER = {}\nTOPIC = {'replication.factor': 5}", 2, "there are 3 brokers"),
        ("PRODUCER = {}\nTOPIC = {'replication.factor': 2.0}", 2, "must be a whole number"),
        ("PRODUCER = {}\nTOPIC = {'unclean.leader.election.enable': 'maybe'}", 2, "must be True or False"),
        ("PRODUCER = []\nTOPIC = {}", 1, "PRODUCER is a list, must be a dictionary"),
        ("PRODUCER = {1: 2}\nTOPIC = {}", 1, "property names are text"),
    ],
)
def test_error_in_the_learners_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = written(tmp_path, text)

    with pytest.raises(ExerciseError) as refused:
        checked(file, 1)

    assert str(refused.value).startswith(f"{file}, line {line}: ")
    assert said in str(refused.value)


def test_missing_dictionary_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match="TOPIC is gone"):
        checked(written(tmp_path, "PRODUCER = {}"), 1)


def test_edit_within_the_same_second_counts(tmp_path: Path) -> None:
    first = load_exercise(written(tmp_path, "PRODUCER = {'acks': 0}"))
    second = load_exercise(written(tmp_path, "PRODUCER = {'acks': 1}"))

    assert first.mapping("PRODUCER") == {"acks": 0}
    assert second.mapping("PRODUCER") == {"acks": 1}
