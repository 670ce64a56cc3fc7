"""`acklab faults` and `acklab events` tell what there is, whole, from the declarations themselves."""

import ast
import json
import re
import textwrap

import pytest

from sim.cli.events import anchor, anchor_in_python
from sim.faults import FAULT_TYPES, parse_fault
from sim.faults.grammar import grammar, verbs, verbs_of
from sim.faults.points import event
from sim.faults.schedule import parse_entry
from sim.faults.words import When, after
from sim.trace.declared import declared_fields
from sim.trace.trace import EVENT_TYPES
from tests.cli.conftest import Acklab


def test_a_fault_without_a_word_to_choose_is_its_own_line() -> None:
    by_name = {one.__name__: grammar(one) for one in FAULT_TYPES}

    assert by_name["PauseKeyService"] == "pause key-service"
    assert by_name["Crash"] == "crash BROKER[, (unflushed lost|wiped|kept)]"
    assert by_name["SetClock"] == "clock HOST (OFFSET (ahead|behind)|right)"
    assert by_name["Read"].startswith("read TOPIC[ in [(classic|consumer) ]group GROUP][ from (earliest|latest)]")


@pytest.mark.parametrize("fault_type", FAULT_TYPES, ids=lambda one: one.__name__)
def test_every_example_is_a_line_of_its_grammar(fault_type: type) -> None:
    # Capitals become anything, brackets may be missing: what the grammar says as a regular expression once more.
    text = re.escape(grammar(fault_type)).replace(r"\[", "(?:").replace(r"\]", ")?")
    text = text.replace(r"\(", "(?:").replace(r"\)", ")").replace(r"\|", "|")
    line = re.compile(re.sub(r"[A-Z]+", r"\\S+(?: [a-z-]+=\\S+)?", text))

    for example in fault_type.EXAMPLE.split(" | "):  # type: ignore[attr-defined]
        assert type(parse_fault(example)) is fault_type
        assert line.fullmatch(example), (line.pattern, example)


def test_every_fault_has_a_verb_in_a_scenario_and_every_verb_is_one_of_when() -> None:
    assert [one.__name__ for one in FAULT_TYPES if not verbs_of(one)] == []
    assert [verb.name for verb in verbs() if not hasattr(When, verb.name)] == []


def test_faults_lists_each_with_its_line(acklab: Acklab) -> None:
    told = acklab("faults")

    assert (told.status, told.err) == (0, "")
    for fault_type in FAULT_TYPES:
        assert grammar(fault_type) in " ".join(told.out.split())
    assert max(map(len, told.out.splitlines())) <= 80


def test_one_fault_is_told_whole(acklab: Acklab) -> None:
    told = acklab("faults", "drop")

    assert told.status == 0
    assert "drop API[ PARTITION] xTIMES by (BROKER|anybody) then (reset|stall)" in told.out
    assert "at 2s: drop Produce orders-0 x1 by leader(orders-0) then reset" in told.out
    assert "at(\"2s\").drop_response(api: str='Produce'" in told.out
    assert "Whether the connection breaks" in told.out


@pytest.mark.parametrize("word", ["pause", "Pause", "PauseApplication", "drop_response"])
def test_a_fault_is_found_by_its_word_its_class_and_its_verb(acklab: Acklab, word: str) -> None:
    assert acklab("faults", word).status == 0


def test_all_that_a_word_may_mean_is_told(acklab: Acklab) -> None:
    told = json.loads(acklab("faults", "pause", "--json").out)

    assert [one["name"] for one in told["faults"]] == [
        "Pause", "PauseController", "PauseRegistry", "PauseKeyService", "PauseGateway", "PauseApplication",
    ]  # fmt: skip


def test_an_unknown_word_is_told_with_the_nearest(acklab: Acklab) -> None:
    assert (
        acklab("faults", "chrash").err == "acklab: 'chrash' is no fault, and none speaks of it; did you mean crash?\n"
    )
    assert acklab("faults", "zzzz").status == 2
    assert acklab("events", "BatchApended").err == (
        "acklab: 'BatchApended' is no event of a trace, and none speaks of it; did you mean BatchAppended?\n"
    )
    assert acklab("events", "zzzz").status == 2


def test_what_speaks_of_something_is_listed(acklab: Acklab) -> None:
    answers = acklab("faults", "answer", "lost")
    truncated = acklab("events", "lost whole log")

    assert answers.status == 0
    assert "drop API[ PARTITION]" in answers.out
    assert "crash BROKER" not in answers.out
    assert acklab("faults", "stops it in good order").out.startswith("restart BROKER")
    assert truncated.status == 2
    assert "BrokerStopped " in acklab("events", "good order").out


def test_faults_and_events_are_json_with_a_format(acklab: Acklab) -> None:
    faults = json.loads(acklab("faults", "--json").out)
    events = json.loads(acklab("events", "--json").out)

    assert faults["format"] == "acklab-faults-1"
    assert [one["name"] for one in faults["faults"]] == [one.__name__ for one in FAULT_TYPES]
    assert all(one["line"] and one["examples"] and one["says"] and one["in_python"] for one in faults["faults"])
    assert events["format"] == "acklab-events-1"
    assert [one["name"] for one in events["events"]] == list(EVENT_TYPES)
    for one in events["events"]:
        assert one["says"], one["name"]
        assert tuple(field["name"] for field in one["fields"]) == EVENT_TYPES[one["name"]]._fields


def test_events_lists_each_under_its_subject(acklab: Acklab) -> None:
    told = acklab("events")
    of_brokers = acklab("events", "broker")

    assert told.status == 0
    for name in EVENT_TYPES:
        assert f"  {name}" in told.out
    assert "BatchAppended" in of_brokers.out
    assert "RecordSent " not in of_brokers.out


def test_one_event_is_told_with_its_fields_and_its_anchor(acklab: Acklab) -> None:
    told = acklab("events", "batchappended")

    assert told.status == 0
    for field in EVENT_TYPES["BatchAppended"]._fields:
        assert f"    {field}: " in told.out
    assert "which request brought it" in " ".join(told.out.split())
    assert "    after BatchAppended#1 broker=1 topic=orders: crash b1\n" in told.out


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_anchor_that_is_shown_can_be_used_in_both_spellings(name: str) -> None:
    event_type = EVENT_TYPES[name]

    entry = parse_entry(f"{anchor(event_type)}: crash b1")
    in_python = eval(anchor_in_python(event_type), {"after": after, "event": event})

    assert in_python.crash("b1") == entry


def test_what_a_class_says_of_its_fields_is_read_from_its_source() -> None:
    (fields,) = [declared_fields(one) for one in FAULT_TYPES if one.__name__ == "DropResponse"]

    by_name = {field.name: field for field in fields}

    assert by_name["then"].default == "'reset'"
    assert by_name["then"].says == "Whether the connection breaks, or stays and says nothing more."
    assert (by_name["times"].type, by_name["times"].says) == ("int", "")
    assert "PATTERN" not in by_name


def test_a_class_without_source_has_no_fields_to_tell() -> None:
    namespace: dict[str, type] = {}
    exec(compile(ast.parse(textwrap.dedent("class Made:\n    a: int = 1\n")), "made", "exec"), namespace)

    assert declared_fields(namespace["Made"]) == ()
