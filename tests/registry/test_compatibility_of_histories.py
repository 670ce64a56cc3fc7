"""Histories of three versions: what the transitive levels say of the last one, here, in our registry and in Apicurio's."""

import pytest

from producer.schemas.compatibility import CompatibilityLevel, Rules, check
from tests.registry.apicurio import LEVELS_OF_HISTORIES, recorded_on_histories
from tests.registry.asking import Asking
from tests.registry.histories import History, histories, written
from tests.registry.known_differences import APICURIO_ON_HISTORIES

each_history = pytest.mark.parametrize("history", histories(), ids=lambda history: history.key)
each_written = pytest.mark.parametrize("history", written(), ids=lambda history: history.key)


def verdicts(history: History, rules: Rules = Rules.CONFLUENT) -> dict[str, bool]:
    *olds, new = history.parsed()
    return {level: not check(CompatibilityLevel(level), new, olds, rules) for level in LEVELS_OF_HISTORIES}


def test_each_format_has_a_history_that_only_a_transitive_level_refuses() -> None:
    assert len({history.key for history in histories()}) == len(histories())
    for of in ("avro", "protobuf", "json_schema"):
        for level in ("BACKWARD", "FORWARD", "FULL"):
            said = [verdicts(history) for history in histories() if history.format == of]
            assert any(one[level] and not one[f"{level}_TRANSITIVE"] for one in said), (of, level)
            assert any(one[f"{level}_TRANSITIVE"] for one in said), (of, level)


@each_written
def test_each_level_says_what_was_thought_of_a_history(history: History) -> None:
    assert {level for level, holds in verdicts(history).items() if holds} == set(history.holds or ())


@each_history
def test_a_transitive_level_is_never_the_more_lenient(history: History) -> None:
    said = verdicts(history)

    for level in ("BACKWARD", "FORWARD", "FULL"):
        assert said[level] >= said[f"{level}_TRANSITIVE"]


@each_written
def test_the_registry_registers_the_last_version_at_the_levels_that_hold(history: History) -> None:
    for level in LEVELS_OF_HISTORIES:
        asking = Asking()
        asking.done("PUT", "/config", {"compatibility": "NONE"})
        *olds, new = [{"schema": text, "schemaType": str(history.schema_type)} for text in history.versions]
        for old in olds:
            asking.done("POST", "/subjects/orders-value/versions", old)
        asking.done("PUT", "/config", {"compatibility": level})

        said = asking.ask("POST", "/subjects/orders-value/versions", new)

        assert said.status == (200 if level in (history.holds or ()) else 409), level


@each_history
def test_apicurio_says_the_same_of_a_history_or_the_reason_is_known(history: History) -> None:
    # Of Protobuf it has rules of its own, which are a setting here.
    ours, theirs = verdicts(history, Rules.APICURIO), recorded_on_histories()[history.key]

    assert (ours != theirs) == (history.key in APICURIO_ON_HISTORIES)


def test_every_difference_on_a_history_is_of_one_that_was_asked_about() -> None:
    assert set(recorded_on_histories()) == {history.key for history in histories()}
    assert set(APICURIO_ON_HISTORIES) <= set(recorded_on_histories())
