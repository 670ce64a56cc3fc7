"""What version and what id a schema gets, and what of it remains when it is deleted."""

from __future__ import annotations

import pytest

from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, Asking, record


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_one_schema_has_one_id_in_all_subjects_of_a_context(asking: Asking) -> None:
    assert [asking.register(subject, ORDER) for subject in ("a", "b", "a")] == [1, 1, 1]
    assert asking.register("b", ORDER_WITH_DEFAULT) == 2
    assert asking.get("/schemas/ids/1/versions") == [{"subject": "a", "version": 1}, {"subject": "b", "version": 1}]


def test_another_context_has_ids_of_its_own(asking: Asking) -> None:
    asking.register("a", ORDER_WITH_DEFAULT)

    assert asking.register(":.staging:a", ORDER) == 1
    assert asking.get("/contexts") == [".", ".staging"]
    assert asking.get("/subjects") == [":.staging:a", "a"]
    assert asking.get("/subjects?subjectPrefix=:.staging:") == [":.staging:a"]
    assert asking.get("/subjects?subjectPrefix=a") == ["a"]
    assert asking.get("/schemas/ids/1?subject=:.staging:a")["schema"] != asking.get("/schemas/ids/1")["schema"]


def test_layout_makes_no_new_schema(asking: Asking) -> None:
    first = asking.register("a", ORDER)

    assert asking.register("a", ORDER.replace(" ", "\n")) == first
    assert asking.get("/subjects/a/versions") == [1]


def test_what_was_registered_before_is_found_though_the_latest_refuses_it(asking: Asking) -> None:
    asking.done("PUT", "/config", {"compatibility": "NONE"})
    asking.register("a", ORDER_WITHOUT)
    asking.register("a", ORDER)
    asking.done("PUT", "/config", {"compatibility": "FULL_TRANSITIVE"})

    assert asking.register("a", ORDER_WITHOUT) == 1
    assert asking.get("/subjects/a/versions") == [1, 2]


def test_softly_deleted_it_is_hidden_and_still_readable_by_id(asking: Asking) -> None:
    asking.register("a", ORDER)
    asking.done("DELETE", "/subjects/a/versions/1")

    assert asking.get("/subjects") == []
    assert asking.get("/subjects?deleted=true") == ["a"]
    assert asking.get("/subjects?deletedOnly=true") == ["a"]
    assert asking.get("/subjects/a/versions?deleted=true") == [1]
    assert asking.get("/subjects/a/versions/1?deleted=true")["id"] == 1
    assert "Order" in asking.get("/schemas/ids/1")["schema"]
    assert asking.get("/schemas/ids/1/subjects") == []
    assert asking.get("/schemas/ids/1/subjects?deleted=true") == ["a"]


def test_registered_again_it_has_its_id_and_the_next_version(asking: Asking) -> None:
    asking.register("a", ORDER)
    asking.register("a", ORDER_WITH_DEFAULT)
    assert asking.done("DELETE", "/subjects/a") == [1, 2]

    assert asking.register("a", ORDER) == 1
    assert asking.get("/subjects/a/versions") == [3]
    # The version that it had before has made room; the other one is still there for who asks.
    assert asking.get("/subjects/a/versions?deleted=true") == [2, 3]


def test_deleted_for_good_versions_begin_anew_and_ids_do_not(asking: Asking) -> None:
    asking.register("a", ORDER)
    asking.done("PUT", "/config/a", {"compatibility": "NONE"})
    asking.done("DELETE", "/subjects/a")
    assert asking.done("DELETE", "/subjects/a?permanent=true") == [1]

    assert asking.ask("GET", "/schemas/ids/1").code == 40403
    assert asking.ask("GET", "/config/a").code == 40408, "a level outlives the last version of its subject"
    assert asking.register("a", ORDER_WITHOUT) == 2
    assert asking.get("/subjects/a/versions") == [1]


def test_latest_is_the_last_that_is_not_deleted(asking: Asking) -> None:
    asking.register("a", ORDER)
    asking.register("a", ORDER_WITH_DEFAULT)
    assert asking.done("DELETE", "/subjects/a/versions/latest") == 2

    for latest in ("latest", "-1", "LATEST"):
        assert asking.get(f"/subjects/a/versions/{latest}")["version"] == 1


def test_a_guid_is_the_md5_of_what_is_kept(asking: Asking) -> None:
    from hashlib import md5

    asking.register("a", ORDER)
    found = asking.get("/subjects/a/versions/1")

    assert found["guid"].replace("-", "") == md5(found["schema"].encode()).hexdigest()
    assert asking.get(f"/schemas/guids/{found['guid']}") == {"guid": found["guid"], "schema": found["schema"]}
    assert asking.get(f"/schemas/guids/{found['guid']}/ids") == [{"context": ".", "id": 1}]
    assert asking.ask("GET", f"/schemas/guids/{'0' * 32}").code == 40403


def test_whoever_imports_says_id_and_version(asking: Asking) -> None:
    asking.done("PUT", "/mode/a", {"mode": "IMPORT"})

    assert asking.register("a", ORDER, id=40, version=7) == 40
    assert asking.register("a", ORDER_WITHOUT, id=41, version=9) == 41, "an import is checked for compatibility"
    assert asking.get("/subjects/a/versions") == [7, 9]
    refused = asking.ask("POST", "/subjects/a/versions", {"schema": ORDER_WITH_DEFAULT, "id": 40})
    assert refused.code == 42205, "one id has come to mean two schemas"
    asking.done("PUT", "/mode/a", {"mode": "READWRITE"})
    assert asking.register("b", record("Other", x="int")) == 42


def test_text_comes_bare_and_types_are_listed(asking: Asking) -> None:
    asking.register("a", ORDER)

    assert asking.get("/subjects/a/versions/1/schema")["name"] == "Order"
    assert asking.get("/schemas/ids/1/schema")["name"] == "Order"
    assert asking.get("/schemas/types") == ["JSON", "PROTOBUF", "AVRO"]


def test_lists_are_cut_into_pages(asking: Asking) -> None:
    for subject in "abcde":
        asking.register(subject, ORDER)

    assert asking.get("/subjects?offset=1&limit=2") == ["b", "c"]
    assert asking.get("/subjects?offset=4") == ["e"]
    assert asking.get("/subjects?limit=-1") == list("abcde")
    assert asking.ask("GET", "/subjects?limit=few").status == 404


def test_an_alias_stands_for_another_subject(asking: Asking) -> None:
    asking.register("orders-value", ORDER)
    asking.done("PUT", "/config/old", {"alias": "orders-value"})

    assert asking.get("/subjects/old/versions/latest")["subject"] == "orders-value"


def test_a_version_is_forced_past_the_check(asking: Asking) -> None:
    asking.register("a", ORDER)

    assert asking.register("a", ORDER_WITHOUT, "?force=true") == 2
