"""The check of lesson 15 passes what is right, and refuses each wrong answer with words of its own."""

from pathlib import Path

import pytest

from sim.course.checking import Checked
from sim.course.exercise import ExerciseError, load_exercise
from sim.course.lesson import lesson
from sim.course.staged import source_of
from sim.stories.runner import run
from sim.stories.scenario import load

LESSON = lesson("governance")
CHECK = LESSON.module("check")
FEW = 4
"""Enough runs for a wrong answer: in every second one the key service is away."""

WRONG = {
    "encrypted_address": ("no join", "Orders hide the address by encrypt, payments by encrypt"),
    "two_domains": ("no join", "the same one in both topics"),
    "redacted_address": ("all alike", "say the same: ***"),
    "passes": ("passed in plain text", "the key service did not answer"),
    "wide_prefix": ("intruder", "A prefix is about every name that begins so"),
    "denied_to_all": ("shut out", "a rule that denies is heard before any that allows"),
    "hashed_card": ("gone for good", "It was hidden by hash"),
}


def checked(path: Path, runs: int = FEW) -> Checked:
    answer: Checked = CHECK.check(load_exercise(path), lambda _done, _of: None, range(runs))
    return answer


def written(path: Path, old: str, new: str) -> Path:
    """Give the solution with something else in it."""
    text = (LESSON.folder / "solution.py").read_text(encoding="utf-8")
    assert old in text
    file = path / "mine.py"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_solution_passes_60_runs() -> None:
    answer = checked(LESSON.folder / "solution.py", CHECK.SEEDS)

    assert answer.is_passed
    assert answer.runs == CHECK.SEEDS == 60
    assert answer.broken is None


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answer_is_refused_with_words_of_its_own(name: str) -> None:
    answer = checked(LESSON.folder / "wrong" / f"{name}.py")

    cause, words = WRONG[name]
    assert answer.cause == cause
    assert words in " ".join(answer.explained)
    assert answer.broken is not None
    assert answer.broken.event >= 0


def test_every_planted_wrong_answer_is_tested() -> None:
    assert {path.stem for path in (LESSON.folder / "wrong").glob("*.py")} == set(WRONG)


def test_exercise_as_it_is_handed_out_does_not_pass() -> None:
    assert checked(LESSON.folder / "exercise.py").cause == "intruder"


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('"card": {"by": "encrypt"},', '"card": {"by": "tokenise", "key": "customers", "alphabet": "digits"},', ""),
        ('topic orders-test"', 'topic orders-test*"', ""),
        ('topic orders-test"', 'topic orders-*", "deny User:intern WRITE topic orders-de", "deny User:intern WRITE topic orders-fr"', ""),
        ('"by": "tokenise"', '"by": "hash"', ""),
        ('"card": {"by": "encrypt"},', "", "never hidden"),
        ('"domain": "email"', '"domain": "email", "alphabet": "digits"', "cannot be hidden"),
        ('"grant User:intern WRITE topic orders-test",', "", "shut out"),
    ],
)  # fmt: skip
def test_other_answers_are_taken_or_refused_for_what_they_do(tmp_path: Path, old: str, new: str, cause: str) -> None:
    assert checked(written(tmp_path, old, new)).cause == cause


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("RIGHTS = [", "RIGHTS = 5, [", "RIGHTS has 5, an int; its lines are text"),
        ("RIGHTS = [", "RIGHTS = 5 or [", "RIGHTS is an int, must be a list"),
        ("RIGHTS = [", "RIGHT = [", "RIGHTS is gone; the exercise needs it"),
        ('"grant User:till', '"gront User:till', "lines begin with grant or deny"),
        ("User:till WRITE", "User:till SHOUT", "'SHOUT' is no operation"),
        ('ON_MISSING_KEY = "refuse"', 'ON_MISSING_KEY = "wait"', "ON_MISSING_KEY is 'wait', must be one of pass, refuse"),
        ('"card": {', '"cart": {', "ORDERS has 'cart', there is customer.email and card"),
        ('"by": "encrypt"', '"by": "encrpyt"', "encrpyt"),
        ("PAYMENTS = {", "PAYMENTS = {5: 6,", "PAYMENTS has the key 5"),
        ("PAYMENTS = {", "OTHERS = {", "PAYMENTS is gone"),
    ],
)  # fmt: skip
def test_what_is_not_to_be_tried_is_told_with_its_file(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(ExerciseError) as refused:
        checked(written(tmp_path, old, new))

    assert why in str(refused.value)
    assert "mine.py" in str(refused.value)


@pytest.mark.parametrize("name", ["passes", "wide_prefix", "two_domains"])
def test_broken_run_runs_again_from_the_learner_s_own_file(tmp_path: Path, name: str) -> None:
    broken = checked(LESSON.folder / "wrong" / f"{name}.py").broken
    assert broken is not None
    file = tmp_path / f"{broken.scenario.name}.py"
    file.write_text(source_of(broken.scenario, seed=broken.report.seed), encoding="utf-8")

    again = load(str(file))

    assert again == broken.scenario
    assert run(again, broken.report.seed).digest == broken.report.digest
