"""A mistake in a scenario's file is told with the file, the line and the name that was meant, whatever kind of mistake it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT
from tests.cli.conftest import Acklab

SOURCE = """\
from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, acknowledged, after, at, leader

SCENARIO = Scenario(
    name="mine",
    question="Is it still there?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=1, min_insync_replicas=2),),
    ),
    producer={"linger.ms": "5"},
    workload=Workload(
        topic="orders",
        records=10,
        keys=KeysInTurn(5),
        phases=(Phase(every_us=20_000),),
    ),
    schedule=(
        after(acknowledged(3)).crash(leader("orders-0")),
    ),
    expects=frozenset(),
)
"""

MISTAKES = {
    "a field that is not there": ("    producer=", "    produces=", 9, "Scenario has no field 'produces'; did you mean producer?"),
    "a field of a value within": ("records=10", "record=10", 12, "Workload has no field 'record'; did you mean records?"),
    "a field that is far from all": ("records=10", "xyz=10", 12, "Workload has no field 'xyz'"),
    "what must be given": ('    question="Is it still there?",\n', "", 3, "Scenario needs question"),
    "values without their names": ('Scenario(\n    name="mine"', 'Scenario(\n    "mine"', 3, "Scenario takes its values by name, as in Scenario(name=…)"),
    "several brokers, one of them never there": ('leader("orders-0")', '"b1,b9"', 16, "names broker 9, brokers are 1..3"),
    "a tuple without its comma": ("min_insync_replicas=2),)", "min_insync_replicas=2))", 7,
                                  "ClusterConfig.topics is TopicConfig(name='orders', "),
    "a tuple of phases without its comma": ("(Phase(every_us=20_000),)", "Phase(every_us=20_000)", 14, "a tuple of one is written with a comma, (…,)"),
    "a schedule without its comma": ('(leader("orders-0")),\n    )', '(leader("orders-0"))\n    )', 17, "Scenario.schedule is Entry("),
    "text for a number": ("records=10", 'records="ten"', 12, "Workload.records is 'ten', must be int | tuple[Record, ...]"),
    "a number for text": ('name="mine"', "name=3", 4, "Scenario.name is 3, must be str"),
    "a list for a table": ('{"linger.ms": "5"}', '["linger.ms"]', 9, "Scenario.producer is ['linger.ms'], must be Mapping[str, str]"),
    "a number in a table of text": ('"5"', "5", 9, "Scenario.producer is {'linger.ms': 5}, must be Mapping[str, str]"),
    "a class for a value": ("keys=KeysInTurn(5)", "keys=5", 13, "Workload.keys is 5, must be Keys"),
    "a value out of bounds": ("records=10", "records=0", 12, "Workload.records is 0, must be at least 1"),
    "a time that is none": ("20_000", '"20 msec"', 14, "Phase.every_us: '20 msec' is not a duration"),
    "a property that is not there": ('"linger.ms"', '"linger.mss"', 9, "unknown property 'linger.mss'; did you mean linger.ms?"),
    "a property with another value": ('"5"', '"soon"', 9, "linger.ms is 'soon': must be a whole number"),
    "properties that contradict": ('"linger.ms": "5"', '"acks": "1", "enable.idempotence": "true"', 9, "acks is 1, must be all for an idempotent"),
    "a setting that is not there": ("    producer=", '    settings={"orders.min.insync.replica": "1"},\n    producer=', 9, "did you mean orders.min.insync.replicas?"),
    "no keys at all": ("KeysInTurn(5)", "KeysInTurn(0)", 13, "KeysInTurn.count is 0, must be at least 1"),
    "a fault as text": ('after(acknowledged(3)).crash(leader("orders-0"))', '__import__("sim").parse_entry("at 2s: crush b1")', 17, "'crush b1' is not a fault; did you mean crash?"),
    "a promise that is not there": ("frozenset()", 'frozenset({"losst"})', 19, "Scenario.expects has 'losst'"),
    "the nearest promise": ("frozenset()", 'frozenset({"losst"})', 19, "did you mean lost?"),
    "promises as one text": ("frozenset()", '"lost"', 19, "Scenario.expects is 'lost', must be frozenset[str]"),
    "a topic that nobody has": ('topic="orders"', 'topic="orderz"', 11, "names topic 'orderz', topics are orders"),
    "a partition that nobody has": ('leader("orders-0")', 'leader("orders-7")', 17, "names partition orders-7, orders has 1"),
    "a broker that nobody has": ('leader("orders-0")', '"b9"', 17, "names broker 9, brokers are 1..3"),
    "what is no target": ('leader("orders-0")', '"leader"', 17, "'leader' is not a broker"),
    "a verb that is not there": (".crash(", ".chrash(", 17, "no fault has the verb 'chrash'; did you mean crash?"),
    "a word that a verb does not take": ('leader("orders-0"))', '"b1", disc="wiped")', 17, "crash(…) takes no 'disc'; did you mean disk?"),
    "a point without its number": ("acknowledged(3)", "acknowledged()", 17, "acknowledged needs nth"),
    "a word that a point does not take": ("acknowledged(3)", 'acknowledged(3, from_="x")', 17, "acknowledged(…) takes no 'from_'"),
    "a name that is not defined": ("KeysInTurn(5)", "KeyInTurn(5)", 13, "'KeyInTurn' is not defined; did you mean KeysInTurn?"),
    "a name that is not imported": ("KeysInTurn(5)", "NoKeys()", 13, "'NoKeys' is not imported: from sim import NoKeys"),
    "a name that cannot be imported": (", KeysInTurn,", ", KeysInTurns,", 1, "sim has no 'KeysInTurns'; did you mean KeysInTurn?"),
    "a module that is not there": ("from sim import", "from simm import", 1, "there is no module 'simm'; did you mean sim?"),
    "a line that is no Python": ("records=10,", "records=10;", 12, "SyntaxError"),
    "a parenthesis that stays open": ("    expects=frozenset(),\n)\n", "    expects=frozenset(),\n", 3, "'(' was never closed"),
    "an exception of its own": ("SCENARIO = ", "print(1 / 0)\nSCENARIO = ", 3, "ZeroDivisionError: division by zero"),
    "an end of its own": ("SCENARIO = ", "import sys; sys.exit(0)\nSCENARIO = ", 3, "ends the program itself (sys.exit, 0)"),
    "another name for it": ("SCENARIO = ", "STORY = ", 0, "no SCENARIO: its scenario is called STORY, must be SCENARIO = Scenario(...)"),
    "a list of them": ("SCENARIO = Scenario(", "SCENARIO = list, dict(", 0, "SCENARIO is of type tuple"),
}  # fmt: skip
"""Mistake -> (what stands there, what is written instead, the line that is told or 0 for none, what is said)."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_file_its_line_and_what_was_meant(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    right, wrong, line, said = MISTAKES[mistake]
    assert SOURCE.count(right) == 1
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(SOURCE.replace(right, wrong), encoding="utf-8")

    told = acklab("run", "mine.py")

    assert told.out == ""
    assert told.err.startswith(f"acklab: invalid scenario: mine.py{f', line {line}' if line else ''}: "), told.err
    assert said in told.err
    assert told.status == 4
    assert told.err.count("\n") == 1
    assert str(ROOT) not in told.err


def test_the_file_without_a_mistake_runs(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "mine.py"
    story.write_text(SOURCE, encoding="utf-8")

    assert acklab("run", str(story)).status == 0


@pytest.mark.parametrize(
    "words", [("explore", "./mine.py", "-n", "1"), ("gauntlet", "./mine.py"), ("watch", "mine.py", "--plain")]
)
def test_every_command_that_tells_a_story_says_where_its_property_is_wrong(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(SOURCE.replace("linger.ms", "linger.mss"), encoding="utf-8")

    told = acklab(*words)

    assert told.status == 4
    assert (
        told.err
        == "acklab: invalid scenario: mine.py, line 9: unknown property 'linger.mss'; did you mean linger.ms?\n"
    )


def test_a_mistake_in_a_function_is_told_where_it_stands(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "mine.py"
    story.write_text(f"def count():\n    return undefined\n\n\n{SOURCE.replace('=10', '=count()')}", encoding="utf-8")

    assert f"{story}, line 2: 'undefined' is not defined" in acklab("run", str(story)).err


def test_an_exception_of_a_class_of_its_own_in_mid_run_is_told_where_it_stands(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "mine.py"
    odd = "class Odd:\n    def key(self, number, chance):\n        return {}[number]\n\n\n"
    story.write_text(odd + SOURCE.replace("KeysInTurn(5)", "Odd()"), encoding="utf-8")

    told = acklab("run", str(story))

    assert (told.status, told.err) == (4, f"acklab: invalid scenario: {story}, line 3: KeyError: 0\n")


def test_a_name_whose_file_stands_here_is_told_so(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(SOURCE, encoding="utf-8")

    told = acklab("run", "mine")

    assert (told.status, told.err) == (2, "acklab: unknown scenario 'mine': there is a file mine.py\n")


def test_a_file_that_is_not_there_is_told_with_the_nearest(
    acklab: Acklab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_story.py").write_text(SOURCE, encoding="utf-8")

    told = acklab("run", "my_stroy.py")

    assert (told.status, told.err) == (2, "acklab: my_stroy.py does not exist; did you mean my_story.py?\n")


def test_the_installed_command_runs_what_the_readme_shows_in_any_folder(tmp_path: Path) -> None:
    import re

    (block,) = [
        one
        for one in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
        if "SCENARIO" in one
    ]
    (tmp_path / "my_story.py").write_text(block, encoding="utf-8")
    command = Path(sys.executable).with_name("acklab")

    done = subprocess.run(
        [command, "run", "my_story.py"], cwd=tmp_path, capture_output=True, timeout=120, check=False, text=True
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ lost" in done.stdout
