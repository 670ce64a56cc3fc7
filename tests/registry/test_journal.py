"""The journal is all that a registry knows: read again, whole or compacted, it says the same."""

from __future__ import annotations

import json

import pytest

from sim.registry.core.records import RecordError, decode, encode
from sim.registry.registry import Registry
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, Asking, record

ASKED = (
    "/subjects?deleted=true", "/subjects", "/schemas?deleted=true", "/contexts", "/config", "/mode",
    "/config/a?defaultToGlobal=true", "/mode/b?defaultToGlobal=true", "/schemas/ids/1/versions?deleted=true",
)  # fmt: skip


def lived() -> Asking:
    asking = Asking()
    asking.register("a", ORDER)
    asking.register("a", ORDER_WITH_DEFAULT)
    asking.register("b", ORDER)
    asking.register("c", record("S", order="Order"), references=[{"name": "Order", "subject": "b", "version": 1}])
    asking.register(":.x:a", '{"type":"object","title":"ü"}', schemaType="JSON")
    asking.register("m", ORDER, metadata={"properties": {"owner": "me"}}, ruleSet={"domainRules": []})
    asking.done("PUT", "/config/a", {"compatibility": "FULL", "normalize": True})
    asking.done("PUT", "/mode/b", {"mode": "READONLY"})
    asking.done("DELETE", "/subjects/a")
    asking.register("a", ORDER)
    asking.done("DELETE", "/subjects/c")
    asking.done("DELETE", "/subjects/c?permanent=true")
    asking.done("PUT", "/mode/i", {"mode": "IMPORT"})
    asking.done("DELETE", "/mode/i")
    return asking


def again(journal: list[tuple[bytes, bytes | None]]) -> Asking:
    asking = Asking(Registry())
    for key, value in journal:
        asking.registry.state.take(decode(key, value))
    return asking


def test_read_again_it_says_the_same() -> None:
    first = lived()
    second = again(first.registry.journal)

    assert [second.get(one) for one in ASKED] == [first.get(one) for one in ASKED]
    assert second.register("new", record("New", x="int")) == first.register("new", record("New", x="int"))


def test_compacted_it_says_the_same() -> None:
    first = lived()
    # Of each key the last record, in the places where these stand.
    last = {key: place for place, (key, _) in enumerate(first.registry.journal)}
    kept = [first.registry.journal[place] for place in sorted(last.values())]
    assert len(kept) < len(first.registry.journal)

    without_tombstones = [one for one in kept if one[1] is not None]
    for journal in (kept, without_tombstones):
        assert [again(journal).get(one) for one in ASKED] == [first.get(one) for one in ASKED]


def test_records_are_written_as_confluent_does() -> None:
    asking = Asking()
    asking.register("s", ORDER)
    asking.done("DELETE", "/subjects/s")
    (key, value), (deleted_key, deleted_value) = asking.registry.journal

    assert key == b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}'
    told = json.loads(value or b"")
    assert {name: told[name] for name in ("subject", "version", "id", "deleted")} == {
        "subject": "s", "version": 1, "id": 1, "deleted": False,
    }  # fmt: skip
    assert deleted_key == b'{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}'
    assert json.loads(deleted_value or b"") == {"subject": "s", "version": 1}


def test_every_record_survives_its_bytes() -> None:
    for key, value in lived().registry.journal:
        assert encode(decode(key, value)) == (key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"{}"),
        (b"", None),
        (b"{}", None),
        (b'{"keytype":"WISH"}', None),
        (b'{"keytype":"SCHEMA","subject":"s"}', None),
        (b'{"keytype":"SCHEMA","subject":"s","version":1}', b"{}"),
        (b'{"keytype":"MODE"}', b'{"mode":"SOME"}'),
        (b"\xff\x00", b"\xff"),
        (b"[" * 100_000, None),
        (b"7", None),
    ],
)
def test_a_record_of_somebody_elses_is_named(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(RecordError):
        decode(key, value)
