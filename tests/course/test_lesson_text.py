"""The text of a lesson is true: its code runs and prints what the text says, and each prediction has one answer."""

import re

import pytest

from sim.course.lesson import Lesson, lessons
from sim.course.parts import Code, Happened, Picture, Prediction, TextError, parse
from sim.course.running import Session
from sim.course.staged import source_of
from sim.course.text import rendered
from sim.stories.scenario import load, names

LESSONS = {one.name: one for one in lessons()}
CODE_COLUMNS_MAX = 76
"""With its indent, code fits a terminal of 80 columns."""

each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


@each_lesson
def test_code_prints_what_the_text_says_and_one_choice_comes_true(lesson: Lesson) -> None:
    session = Session(str(lesson.folder / "README.md"))
    choices: dict[str, set[str]] = {}
    answered = []

    for part in lesson.parts:
        if isinstance(part, Prediction):
            choices[part.name] = {choice.letter for choice in part.choices}
        elif isinstance(part, Code):
            assert session.run(part) == part.output, f"README.md, line {part.line}"
        elif isinstance(part, Happened):
            assert session.happened(part) in choices[part.prediction]
            answered.append(part.prediction)

    assert answered == list(choices)
    assert len(answered) >= 3


@each_lesson
def test_learner_commits_before_the_code_that_gives_the_answer(lesson: Lesson) -> None:
    kinds = [type(part) for part in lesson.parts if isinstance(part, (Prediction, Code, Happened))]

    assert kinds[0] is Prediction
    for place, kind in enumerate(kinds):
        if kind is Prediction:
            assert Code in kinds[place : kinds.index(Happened, place)]


@each_lesson
def test_text_fits_a_terminal_of_80_columns(lesson: Lesson) -> None:
    for part in lesson.parts:
        if isinstance(part, Code):
            assert max(map(len, (part.source + part.output).splitlines())) <= CODE_COLUMNS_MAX
    for line in rendered(lesson.text.splitlines(), width=80, strong=str):
        assert len(line) <= 80, line


@each_lesson
def test_every_picture_is_shown_with_words_for_who_cannot_see_it(lesson: Lesson) -> None:
    shown = [part for part in lesson.parts if isinstance(part, Picture)]

    assert sorted(picture.file for picture in shown) == sorted(path.name for path in lesson.folder.glob("*.svg"))
    assert all(len(picture.alt) > 40 for picture in shown)


@each_lesson
def test_scenarios_that_the_text_names_exist(lesson: Lesson) -> None:
    named = re.findall(r"acklab run (\w+)", lesson.text)

    assert set(named) <= set(names())


def test_story_of_lesson_2_ends_as_it_says() -> None:
    from sim.stories.runner import run

    story = load(str(LESSONS["02_acks"].folder / "one_in_sync.py"))

    assert run(story).is_as_expected
    assert "SCENARIO = Scenario(" in source_of(load("lost_ack_duplicate"), seed=3)


@pytest.mark.parametrize(
    "text,said",
    [
        ("```predict x\nwhy?\n\na. one\n```\n", "line 1: choices"),
        ("```predict x\nwhy?\n\na. one\nb. two\n```\n", "'x' is never compared"),
        ("```predict x\nwhy?\n\na. one\nb. two\n```\n```predict y\nq\na. 1\nb. 2\n```", "'x' is still open"),
        ("<!-- happened: 'a' -->\n", "line 1: something happened that nobody predicted"),
        ("text\n```python\nprint(1)\n", "line 2: the block never ends"),
    ],
)
def test_text_that_breaks_its_own_rules_is_refused_with_the_line(text: str, said: str) -> None:
    with pytest.raises(TextError, match=re.escape(said)):
        parse(text)
