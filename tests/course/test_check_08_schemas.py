"""The check of lesson 8 passes what is right, and refuses each wrong answer with words of its own."""

from pathlib import Path

import pytest

from sim.course.checking import Checked
from sim.course.exercise import ExerciseError, load_exercise
from sim.course.lesson import lesson
from sim.course.staged import source_of
from sim.stories.runner import run
from sim.stories.scenario import load

LESSON = lesson("schemas")
CHECK = LESSON.module("check")
FEW = 5
"""Enough rollouts for a wrong answer: each is refused in the first."""

WRONG = {
    "shop_first": ("old reader", "It runs version 1 of its code"),
    "no_level": ("nobody asked", "an order of the intern's with a text for an id"),
    "no_default": ("refused", "Order.currency: the reader wants it"),
    "no_default_no_level": ("old orders", "came to offset 0, an old order"),
    "no_alias": ("wrong amount", "Nobody got an error"),
    "full": ("asks too much", "at the level FULL"),
}


def checked(path: Path, rollouts: int) -> Checked:
    answer: Checked = CHECK.check(load_exercise(path), lambda _done, _of: None, range(rollouts))
    return answer


def written(path: Path, old: str, new: str) -> Path:
    """Give the solution with something else in it."""
    text = (LESSON.folder / "solution.py").read_text(encoding="utf-8")
    assert old in text
    file = path / "mine.py"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_solution_passes_60_rollouts() -> None:
    answer = checked(LESSON.folder / "solution.py", CHECK.SEEDS)

    assert answer.is_passed
    assert answer.runs == CHECK.SEEDS == 60
    assert answer.broken is None


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answer_is_refused_with_words_of_its_own(name: str) -> None:
    answer = checked(LESSON.folder / "wrong" / f"{name}.py", FEW)

    cause, words = WRONG[name]
    assert answer.cause == cause
    assert words in " ".join(answer.explained)
    assert answer.broken is not None
    assert answer.broken.event >= 0


def test_every_planted_wrong_answer_is_tested() -> None:
    assert {path.stem for path in (LESSON.folder / "wrong").glob("*.py")} == set(WRONG)


def test_exercise_as_it_is_handed_out_does_not_pass() -> None:
    assert checked(LESSON.folder / "exercise.py", FEW).cause == "old reader"


@pytest.mark.parametrize("level", ["BACKWARD_TRANSITIVE", "BACKWARD"])
def test_other_levels_and_defaults_that_do_are_taken(tmp_path: Path, level: str) -> None:
    mine = written(tmp_path, '"BACKWARD"', f'"{level}"')
    mine.write_text(mine.read_text(encoding="utf-8").replace('"EUR"', '""'), encoding="utf-8")

    assert checked(mine, FEW).is_passed


@pytest.mark.parametrize(
    "old, new, why",
    [
        ('LEVEL = "BACKWARD"', "LEVEL = 5", "LEVEL is 5, must be one of NONE, BACKWARD"),
        ('LEVEL = "BACKWARD"', "", "LEVEL is gone; the exercise needs it"),
        ('FIRST = "billing"', 'FIRST = "both"', "FIRST is 'both', must be one of shop, billing"),
        ('"type": "long"', '"type": "lang"', "ORDER is no Avro schema: Order.id: 'lang' is no type"),
        ('"type": "long"', '"type": "int"', "ORDER has id of type 'int'; version 2 is to have id as long"),
        ('"name": "currency"', '"name": "money"', "ORDER has no field 'currency'; version 2 is to have currency as string"),
        ('"name": "Order"', '"name": "Purchase"', "ORDER must be a record by the name Order"),
        ('{"name": "id"', '{"name": "total", "type": "int"}, {"name": "id"', "ORDER has total, too; version 2 has id, amount"),
        ("ORDER = {", "ORDER = {5: 6,", "ORDER has the key 5"),
    ],
)  # fmt: skip
def test_what_is_not_to_be_tried_is_told_with_its_file(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(ExerciseError) as refused:
        checked(written(tmp_path, old, new), FEW)

    assert why in str(refused.value)
    assert "mine.py" in str(refused.value)


@pytest.mark.parametrize("name", ["no_level", "no_default", "no_alias"])
def test_broken_rollout_runs_again_from_the_learner_s_own_file(tmp_path: Path, name: str) -> None:
    broken = checked(LESSON.folder / "wrong" / f"{name}.py", FEW).broken
    assert broken is not None
    file = tmp_path / f"{broken.scenario.name}.py"
    file.write_text(source_of(broken.scenario, seed=broken.report.seed), encoding="utf-8")

    again = load(str(file))

    assert again == broken.scenario
    assert run(again, broken.report.seed).digest == broken.report.digest
