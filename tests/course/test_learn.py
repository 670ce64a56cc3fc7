"""`acklab learn`, as a learner uses it."""

import json
import os
import pty
import sys
from pathlib import Path

from sim.course.lesson import lesson
from tests.cli.command import ROOT, run_process
from tests.course.conftest import Acklab

LESSON = lesson("acks")
FOLDER = Path("acklab-course/02_acks")
ANSWERS = (
    "b: nobody copied them",
    "b: the high watermark",
    "c because it waits",
    "b. alone",
    "b too few",
    "b a new epoch",
)
PREDICTED = [word for answer in ANSWERS for word in ("--predict", answer)]


def put(text: str) -> None:
    (FOLDER / "exercise.py").write_text(text, encoding="utf-8")


def test_a_learner_goes_through_the_whole_lesson(learner: Acklab) -> None:
    assert "not begun" in learner("list").out
    assert "acklab learn start acks" in learner().out

    begun = learner("start")
    assert begun.status == 0
    assert "How many of them are lost in the end?" in begun.out
    assert "lost:         15" not in begun.out, "the answer came before the prediction"
    assert "--predict 'a: because …'" in begun.out

    read = learner("start", *PREDICTED)
    assert read.status == 0
    assert read.out.count("✓ As you said") == 5
    assert "✗ You said b; what came is c: 30" in read.out
    assert "Your reason: alone." in read.out
    assert max(map(len, (begun.out + read.out).splitlines())) <= 80
    assert "acklab learn check" in learner("next").out

    refused = learner("check")
    assert refused.status == 1
    assert "✗ Night 5 broke it" in refused.out
    assert f"acklab run {FOLDER}/night_5.py --seed 5" in refused.out
    assert max(map(len, refused.out.splitlines())) <= 80

    hints = [learner("hint").out for _ in range(4)]
    assert [hint.splitlines()[0] for hint in hints] == [
        "Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3",
    ]  # fmt: skip
    assert f"acklab watch {FOLDER}/night_5.trace.jsonl --at " in hints[2]

    put((LESSON.folder / "solution.py").read_text(encoding="utf-8"))
    passed = learner("check")
    assert passed.status == 0
    assert "✓ Passed: 200 of 200 nights." in passed.out
    assert "passed" in learner("list").out
    assert "acklab learn start schemas" in learner("next").out


def test_a_learner_goes_through_the_lesson_on_schemas(learner: Acklab) -> None:
    folder = Path("acklab-course/08_schemas")
    read = learner("start", "schemas", *(word for name in "bacbc" for word in ("--predict", f"{name}: so")))
    assert read.status == 0
    assert read.out.count("✓ As you said") == 5
    assert max(map(len, read.out.splitlines())) <= 80
    assert (folder / "evolution.py").exists()

    refused = learner("check")
    assert refused.status == 1
    assert "✗ Rollout 0 broke it" in refused.out
    assert f"acklab run {folder}/rollout_0.py --seed 0" in refused.out
    assert f"acklab watch {folder}/rollout_0.trace.jsonl --at " in refused.out
    assert max(map(len, refused.out.splitlines())) <= 80

    solution = (lesson("schemas").folder / "solution.py").read_text(encoding="utf-8")
    (folder / "exercise.py").write_text(solution, encoding="utf-8")
    passed = learner("check")
    assert passed.status == 0
    assert "✓ Passed: 60 of 60 rollouts." in passed.out


def test_a_learner_goes_through_the_lesson_on_governance_and_no_choice_is_cut(learner: Acklab) -> None:
    read = learner("start", "governance", *(word for name in "bcbbcbbbb" for word in ("--predict", f"{name}: so")))

    assert read.status == 0
    assert read.out.count("✓ As you said") == 9
    assert max(map(len, read.out.splitlines())) <= 80
    said = " ".join(read.out.split())
    for prediction in lesson("governance").predictions:
        for choice in prediction.choices:
            assert f"{choice.letter}. {' '.join(choice.text.split())}" in said


def test_broken_night_is_kept_as_a_scenario_and_a_trace_of_the_same_run(learner: Acklab) -> None:
    learner("start")
    learner("check")

    header = json.loads((FOLDER / "night_5.trace.jsonl").read_text(encoding="utf-8").splitlines()[0])
    ran = run_process("run", str((FOLDER / "night_5.py").absolute()), "--seed", "5", "--json")

    assert ran.status == 1
    assert json.loads(ran.out)["digest"] == header["witness"]["digest"]


def test_last_hint_opens_the_moment_that_matters(learner: Acklab) -> None:
    learner("start")
    for _ in range(2):
        learner("hint")

    command = learner("hint").out.splitlines()[-2].split()
    told = run_process(*command[1:2], str(Path(command[2]).absolute()), *command[3:], "--plain")

    assert command[:4] == ["acklab", "watch", f"{FOLDER}/one_in_sync.py", "--at"]
    assert told.status == 1
    assert "RecordAcknowledged" in told.out or "is written" in told.out


def test_edited_exercise_is_never_overwritten_unasked(learner: Acklab) -> None:
    learner("start")
    put("PRODUCER = {}\n")

    again = learner("start")
    assert "exercise.py is edited, and was left as it is" in again.out
    assert (FOLDER / "exercise.py").read_text(encoding="utf-8") == "PRODUCER = {}\n"

    learner("start", "--force")
    assert (FOLDER / "exercise.py").read_bytes() == (LESSON.folder / "exercise.py").read_bytes()


def test_reading_goes_on_where_it_stopped(learner: Acklab) -> None:
    learner("start", "--predict", "b: not copied")

    resumed = learner("start", "--predict", "b: high watermark")
    assert "2. acks=1, and the leader dies" not in resumed.out
    assert "3. What a consumer may see (you stopped here)" in resumed.out
    assert "a consumer is given offsets below 15" in resumed.out

    anew = learner("start", "--again")
    assert "2. acks=1, and the leader dies" in anew.out
    assert "You say" not in anew.out


def test_mistakes_are_answered_in_one_line(learner: Acklab) -> None:
    for words, said in (
        (("start", "ack"), "no lesson 'ack': did you mean acks?"),
        (("start", "17"), "no lesson '17': there are 02_acks"),
        (("check",), "no lesson is begun yet"),
        (("hint",), "no lesson is begun yet"),
        (("start", "--predict", "b"), "expected a letter and a reason"),
        (("start", "--predict", "x: so"), "acks_one has the choices a, b or c"),
        (("start", *PREDICTED, "--predict", "a: more"), "1 more than there are open questions"),
        (("check", "nowhere.py"), "nowhere.py does not exist"),
    ):
        told = learner(*words)
        assert told.status == 2, words
        assert said in told.err
        assert len(told.err.splitlines()) == 1


def test_error_in_the_exercise_is_told_with_file_and_line(learner: Acklab) -> None:
    learner("start")
    put('PRODUCER = {\n    "acks": "all",\n    "linger": 5,\n}\nTOPIC = {}\n')

    told = learner("check")

    assert told.status == 2
    assert f"{FOLDER}/exercise.py, line 3: unknown property 'linger'" in told.err
    assert "Traceback" not in told.err


def test_damaged_progress_is_reported_by_name_and_kept(learner: Acklab) -> None:
    path = Path("state/progress.json")
    path.parent.mkdir()
    path.write_text("{ no", encoding="utf-8")

    for words in ((), ("list",), ("start",), ("check",), ("hint",), ("next",)):
        told = learner(*words)
        assert told.status == 2
        assert str(path.absolute()) in told.err
    assert path.read_text(encoding="utf-8") == "{ no"


def test_exercise_that_is_gone_can_be_had_again(learner: Acklab) -> None:
    learner("start")
    (FOLDER / "exercise.py").unlink()

    assert "acklab learn start acks puts it back" in learner("check").err
    learner("start")
    assert (FOLDER / "exercise.py").exists()


def test_command_works_as_a_process_of_its_own_without_colour(tmp_path: Path) -> None:
    state, folder = str(tmp_path / "state"), tmp_path / "mine"

    begun = run_process("learn", "start", "acks", "--into", str(folder), ACKLAB_STATE=state)
    told = run_process("learn", "check", ACKLAB_STATE=state)

    assert begun.status == 0
    assert "\033" not in begun.out + told.out
    assert told.status == 1
    assert (folder / "night_5.py").exists()
    assert not told.err


def test_in_a_terminal_the_lesson_asks_and_waits(tmp_path: Path) -> None:
    child, screen = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        environment = {**os.environ, "ACKLAB_STATE": "state", "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
        os.execve(sys.executable, [sys.executable, "-m", "sim", "learn", "start"], environment)
    os.write(screen, b"\n\nz\na\n\nits disk is intact\n\nq\n")
    shown = bytearray()
    while True:
        try:
            piece = os.read(screen, 65_536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(screen)
    _, status = os.waitpid(child, 0)

    text = shown.decode()
    assert os.waitstatus_to_exitcode(status) == 0
    assert "One of a, b or c; q stops." in text
    assert "It is the reason that a mistake teaches by." in text
    assert "✗ You said a; what came is b: 15" in text
    assert "To go on: acklab learn start" in text
    kept = json.loads((tmp_path / "state" / "progress.json").read_text(encoding="utf-8"))
    assert kept["lessons"]["02_acks"]["predictions"]["acks_one"] == {
        "choice": "a",
        "reason": "its disk is intact",
        "happened": "b",
    }
