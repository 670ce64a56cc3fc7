"""`acklab schema`: subjects listed, schemas printed and registered, histories held against every level."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, record
from tests.registry.served import served


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as registry:
        yield registry.url


Acklab = Callable[..., Told]


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    return lambda *words: run_here(capsys, monkeypatch, *words)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    texts = {"one": ORDER, "default": ORDER_WITH_DEFAULT, "without": ORDER_WITHOUT, "bad": "{"}
    texts["shipment"] = record("Shipment", order="Order")
    for name, text in texts.items():
        (tmp_path / f"{name}.avsc").write_text(text, encoding="utf-8")
    (tmp_path / "nameless").write_text(ORDER, encoding="utf-8")
    return {name: str(tmp_path / f"{name}.avsc") for name in texts} | {"nameless": str(tmp_path / "nameless")}


def test_what_is_registered_is_listed_and_printed(acklab: Acklab, url: str, files: dict[str, str]) -> None:
    done = acklab("schema", "register", "a/1-value", files["one"], "--at", url, "--json")
    assert done.status == 0, done
    told = json.loads(done.out)
    assert (told["subject"], told["version"]) == ("a/1-value", 1)

    listed = json.loads(acklab("schema", "list", "a/1", "--at", url, "--json").out)["subjects"]
    assert listed == [{"subject": "a/1-value", "versions": [1], "id": told["id"], "type": "AVRO", "level": "BACKWARD"}]
    by_id = acklab("schema", "get", str(told["id"]), "--at", url)
    assert json.loads(by_id.out) == json.loads(ORDER)
    assert acklab("schema", "get", "a/1-value", "--at", url).out == by_id.out
    assert acklab("schema", "get", "a/1-value", "2", "--at", url).status == 2


def test_what_the_level_refuses_ends_with_1_and_the_reason(acklab: Acklab, url: str, files: dict[str, str]) -> None:
    assert acklab("schema", "register", "b", files["one"], "--at", url).status == 0
    refused = acklab("schema", "register", "b", files["without"], "--at", url)

    assert refused.status == 1
    assert "409" in refused.err
    assert "note" in refused.err


def test_a_schema_is_registered_with_what_it_refers_to(acklab: Acklab, url: str, files: dict[str, str]) -> None:
    assert acklab("schema", "register", "orders", files["one"], "--at", url).status == 0
    words = ("schema", "register", "shipments", files["shipment"], "--at", url)

    assert acklab(*words).status == 2
    assert acklab(*words, "--reference", "Order=orders:1").status == 0
    evolved = acklab("schema", "evolve", "shipments", "--at", url, "--json")
    assert json.loads(evolved.out)["versions"][0]["version"] == 1


def test_a_history_of_files_is_held_against_every_level(acklab: Acklab, files: dict[str, str]) -> None:
    done = acklab("schema", "evolve", files["one"], files["without"], files["default"], "--json")
    assert done.status == 0, done

    first, second, third = json.loads(done.out)["versions"]
    assert not any(first["objections"].values())
    refused = {level for level, why in second["objections"].items() if why}
    assert refused == {"BACKWARD", "BACKWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"}
    assert not any(third["objections"].values())
    table = acklab("schema", "evolve", files["one"], files["without"]).out.splitlines()
    assert table[0].split()[0] == "version"
    assert table[2].split()[1:].count("no") == 4


def test_a_subjects_history_is_fetched(acklab: Acklab, url: str, files: dict[str, str]) -> None:
    for name in ("one", "default"):
        acklab("schema", "register", "history", files[name], "--at", url)

    evolved = json.loads(acklab("schema", "evolve", "history", "--at", url, "--json").out)["versions"]
    assert [step["version"] for step in evolved] == [1, 2]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("register", "s", "nowhere.avsc"), "nowhere.avsc"),
        (("register", "s", "{nameless}"), "--type"),
        (("register", "s", "{one}", "--type", "XML"), "XML"),
        (("register", "s", "{one}", "--reference", "Order"), "--reference"),
        (("register", "s", "{bad}"), "42201"),
        (("get", "nothing"), "40401"),
        (("get", "999999"), "40403"),
        (("get", "9" * 5_000), "40401"),
        (("evolve", "nothing"), "40401"),
        (("evolve", "{one}", "{bad}"), "schema"),
    ],
)
def test_what_cannot_be_is_named(
    acklab: Acklab, url: str, files: dict[str, str], words: tuple[str, ...], named: str
) -> None:
    done = acklab("schema", *(word.format(**files) if word.startswith("{") else word for word in words), "--at", url)

    assert done.status == 2
    assert named in done.err


def test_a_registry_that_is_not_there_is_named(acklab: Acklab) -> None:
    done = acklab("schema", "list", "--at", "http://127.0.0.1:9")

    assert done.status == 2
    assert "http://127.0.0.1:9" in done.err


@pytest.mark.parametrize("at", ["127.0.0.1:8081", "ftp://127.0.0.1", "http://127.0.0.1:a", ""])
def test_what_is_no_address_of_a_registry_is_named(acklab: Acklab, at: str) -> None:
    done = acklab("schema", "list", "--at", at)

    assert done.status == 2
    assert f"--at: schema.registry.url is {at!r}" in done.err
