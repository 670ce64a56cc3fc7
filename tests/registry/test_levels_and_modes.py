"""Levels and modes hold where they are set, and below; what is nearest to a subject holds."""

from __future__ import annotations

import pytest

from producer.schemas.compatibility.levels import Rules
from sim.registry.registry import Registry
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, Asking


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_backward_is_the_level_until_one_is_set(asking: Asking) -> None:
    assert asking.get("/config") == {"compatibilityLevel": "BACKWARD"}
    assert asking.get("/config/a?defaultToGlobal=true") == {"compatibilityLevel": "BACKWARD"}
    assert Asking(Registry("NONE")).get("/config") == {"compatibilityLevel": "NONE"}


def test_a_subjects_level_goes_before_the_contexts_and_that_before_all(asking: Asking) -> None:
    assert asking.done("PUT", "/config", {"compatibility": "full"}) == {"compatibility": "FULL"}
    asking.done("PUT", "/config/:.staging:", {"compatibility": "FORWARD"})
    asking.done("PUT", "/config/:.staging:a", {"compatibility": "NONE"})

    for subject, level in ((":.staging:a", "NONE"), (":.staging:b", "FORWARD"), ("a", "FULL")):
        assert asking.get(f"/config/{subject}?defaultToGlobal=true") == {"compatibilityLevel": level}
    assert asking.done("DELETE", "/config/:.staging:a") == {"compatibilityLevel": "NONE"}
    assert asking.get("/config/:.staging:a?defaultToGlobal=true") == {"compatibilityLevel": "FORWARD"}
    assert asking.done("DELETE", "/config") == {"compatibilityLevel": "FULL"}
    assert asking.get("/config") == {"compatibilityLevel": "BACKWARD"}


def test_what_is_not_said_is_kept(asking: Asking) -> None:
    asking.done("PUT", "/config/a", {"compatibility": "FULL"})

    assert asking.done("PUT", "/config/a", {"normalize": True}) == {"normalize": True, "compatibility": "FULL"}


@pytest.mark.parametrize(
    ("level", "latest_with_default", "is_compatible"),
    [("BACKWARD", True, True), ("BACKWARD_TRANSITIVE", True, False), ("NONE", True, True), ("BACKWARD", False, False)],
)
def test_a_transitive_level_asks_every_version(level: str, *, latest_with_default: bool, is_compatible: bool) -> None:
    asking = Asking(Registry("NONE"))
    asking.register("a", ORDER)
    if latest_with_default:
        asking.register("a", ORDER_WITHOUT)
    asking.done("PUT", "/config/a", {"compatibility": level})
    body = {"schema": ORDER_WITHOUT}

    assert asking.done("POST", "/compatibility/subjects/a/versions", body) == {"is_compatible": is_compatible}
    assert asking.done("POST", "/compatibility/subjects/a/versions/1", body)["is_compatible"] is (level == "NONE")


def test_who_asks_verbosely_is_told_why(asking: Asking) -> None:
    asking.register("a", ORDER)
    where = "/compatibility/subjects/a/versions/latest"

    said = asking.done("POST", f"{where}?verbose=true", {"schema": ORDER_WITHOUT})
    assert said["is_compatible"] is False
    assert any("note" in message for message in said["messages"])
    assert asking.done("POST", f"{where}?verbose=true", {"schema": ORDER_WITH_DEFAULT}) == {
        "is_compatible": True,
        "messages": [],
    }
    assert asking.done("POST", f"{where}?verbose=true", {"schema": "nothing"})["is_compatible"] is False
    assert asking.ask("POST", where, {"schema": "nothing"}).code == 42201


def test_one_subject_has_one_format(asking: Asking) -> None:
    asking.register("a", ORDER)
    body = {"schema": '{"type":"object"}', "schemaType": "JSON"}

    assert asking.ask("POST", "/subjects/a/versions", body).code == 409
    assert asking.done("POST", "/compatibility/subjects/a/versions", body) == {"is_compatible": False}
    asking.done("PUT", "/config/a", {"compatibility": "NONE"})
    assert asking.register("a", body["schema"], schemaType="JSON") == 2


def test_nobody_registers_where_all_is_read_only_and_reading_goes_on(asking: Asking) -> None:
    asking.register("a", ORDER)
    assert asking.done("PUT", "/mode", {"mode": "readonly"}) == {"mode": "READONLY"}

    assert asking.ask("POST", "/subjects/b/versions", {"schema": ORDER}).code == 42205
    assert asking.get("/subjects/a/versions/1")["id"] == 1
    assert asking.done("POST", "/subjects/a", {"schema": ORDER})["version"] == 1
    assert asking.get("/mode/a?defaultToGlobal=true") == {"mode": "READONLY"}
    asking.done("DELETE", "/mode")
    assert asking.register("b", ORDER) == 1


def test_a_subjects_mode_goes_before_that_of_all(asking: Asking) -> None:
    asking.done("PUT", "/mode", {"mode": "READONLY"})
    asking.done("PUT", "/mode/a", {"mode": "READWRITE"})

    assert asking.register("a", ORDER) == 1
    assert asking.done("DELETE", "/mode/a") == {"mode": "READWRITE"}
    assert asking.ask("POST", "/subjects/a/versions", {"schema": ORDER_WITH_DEFAULT}).code == 42205


def test_an_import_begins_with_nothing_unless_it_is_forced(asking: Asking) -> None:
    asking.register("a", ORDER)
    assert asking.ask("PUT", "/mode/a", {"mode": "IMPORT"}).code == 42205
    asking.done("PUT", "/mode/a?force=true", {"mode": "IMPORT"})
    asking.done("DELETE", "/mode/a")
    asking.done("DELETE", "/subjects/a")

    asking.done("PUT", "/mode/a", {"mode": "IMPORT"})
    assert asking.get("/subjects?deleted=true") == []


@pytest.mark.parametrize(("rules", "is_compatible"), [(Rules.CONFLUENT, True), (Rules.APICURIO, False)])
def test_where_registries_differ_a_setting_decides(rules: Rules, *, is_compatible: bool) -> None:
    asking = Asking(Registry(rules=rules))
    first = 'syntax = "proto3"; message M { int32 a = 1; string b = 2; }'
    asking.register("p", first, schemaType="PROTOBUF")
    # Confluent lets a field go; Apicurio wants its number and its name reserved.
    body = {"schema": 'syntax = "proto3"; message M { int32 a = 1; }', "schemaType": "PROTOBUF"}

    assert asking.done("POST", "/compatibility/subjects/p/versions/latest", body) == {"is_compatible": is_compatible}
