"""`acklab schema check`: the status says whether, the line says which field and which rule."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here

OLD = '{"type":"record","name":"Order","fields":[{"name":"id","type":"int"}]}'
NEW = '{"type":"record","name":"Order","fields":[{"name":"id","type":"int"},{"name":"note","type":"string"}]}'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "old.avsc").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.avsc").write_text(NEW, encoding="utf-8")
    (tmp_path / "none.avsc").write_text('{"type":"strin"}', encoding="utf-8")
    (tmp_path / "latin.avsc").write_bytes(b"\xff")
    (tmp_path / "old.proto").write_text('syntax = "proto3"; message A { int32 a = 1; }', encoding="utf-8")
    (tmp_path / "new.proto").write_text('syntax = "proto3"; message A { int64 a = 1; }', encoding="utf-8")
    return tmp_path


class Check:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)

    def __call__(self, *words: str) -> Told:
        return run_here(self._capsys, self._monkeypatch, "schema", "check", *words)


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, files: Path) -> Check:
    return Check(capsys, monkeypatch, files)


def test_what_may_follow_ends_with_0_and_no_word(check: Check) -> None:
    assert check("old.avsc", "new.avsc", "--level", "FORWARD") == Told(0, "", "")


def test_what_may_not_ends_with_1_and_names_field_and_rule(check: Check) -> None:
    told = check("old.avsc", "new.avsc", "--level", "backward")

    assert told.status == 1
    assert told.out.startswith("new.avsc cannot read what old.avsc wrote: Order.note: ")
    assert told.out.rstrip().endswith("(READER_FIELD_MISSING_DEFAULT_VALUE)")


def test_several_old_ones_are_a_history(check: Check) -> None:
    history = ("old.avsc", "new.avsc", "new.avsc")

    assert check(*history, "--level", "BACKWARD").status == 0
    assert check(*history, "--level", "BACKWARD_TRANSITIVE").status == 1


def test_the_rules_for_protobuf_are_a_choice(check: Check) -> None:
    assert check("old.proto", "new.proto").status == 0
    assert check("old.proto", "new.proto", "--rules", "apicurio").status == 1


def test_programs_are_told_as_json(check: Check) -> None:
    said = json.loads(check("old.avsc", "new.avsc", "--level", "FULL", "--json").out)

    assert (said["is_compatible"], said["level"]) == (False, "FULL")
    assert [(one["version"], one["new_reads"], one["path"]) for one in said["breaches"]] == [
        ("old.avsc", True, "Order.note")
    ]


def test_what_is_referred_to_is_given_by_name(check: Check, files: Path) -> None:
    (files / "a.proto").write_text('syntax = "proto3"; import "b.proto"; message A { B b = 1; }', encoding="utf-8")
    (files / "b.proto").write_text('syntax = "proto3"; message B { int32 x = 1; }', encoding="utf-8")

    assert check("a.proto", "a.proto", "--reference", "b.proto=b.proto").status == 0
    assert check("a.proto", "a.proto").status == 2


@pytest.mark.parametrize(
    "words, said",
    [
        (["old.avsc"], "old.avsc: expected a new schema behind it"),
        (["old.avsc", "absent.avsc"], "absent.avsc: No such file"),
        (["old.avsc", "none.avsc"], "none.avsc: the schema: 'strin' is no type"),
        (["old.avsc", "latin.avsc"], "latin.avsc: no UTF-8 at byte 0"),
        (["old.avsc", "new.avsc", "--level", "SIDEWARD"], "--level 'SIDEWARD': expected NONE, BACKWARD"),
        (["old.avsc", "new.avsc", "--type", "XML"], "--type 'XML': expected AVRO, PROTOBUF, JSON"),
        (["old.avsc", "new.avsc", "--rules", "mine"], "--rules 'mine': expected confluent, apicurio"),
        (["old.avsc", "new.avsc", "--reference", "x"], "--reference 'x': expected NAME=FILE"),
        (["old.avsc", "new"], "new: the ending does not say what it is"),
    ],
)
def test_bad_input_ends_with_2_and_names_it(check: Check, words: list[str], said: str) -> None:
    told = check(*words)

    assert (told.status, told.out) == (2, "")
    assert said in told.err
