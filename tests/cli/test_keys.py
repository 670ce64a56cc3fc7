"""`acklab keys`: a file of keys is made, changed and shown, and no key is ever told."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here

USAGE = 2


@pytest.fixture
def keys(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Told]:
    monkeypatch.chdir(tmp_path)
    return lambda *words: run_here(capsys, monkeypatch, "keys", *words)


def test_a_file_is_made_for_its_owner_alone_and_shown_without_a_key(keys: Callable[..., Told]) -> None:
    assert keys("add", "keys.json", "--tenant", "acme", "--reader", "billing", "--mask", "tokens") == Told(0, "", "")
    assert keys("add", "keys.json", "--tenant", "other") == Told(0, "", "")

    shown, as_json = keys("show", "keys.json"), keys("show", "keys.json", "--json")

    assert stat.S_IMODE(Path("keys.json").stat().st_mode) == 0o600
    assert shown.out.splitlines() == [
        "tenant acme: versions 1; read by billing; written by *",
        "tenant other: versions 1; read by *; written by *",
        "mask tokens",
    ]
    assert json.loads(as_json.out)["tenants"]["acme"]["readers"] == ["billing"]
    in_file = re.findall(r'"([A-Za-z0-9+/=]{40,})"', Path("keys.json").read_text(encoding="utf-8"))
    assert len(in_file) == 3
    assert not any(key in shown.out + as_json.out for key in in_file)


def test_keys_are_rotated_retired_granted_and_shredded(keys: Callable[..., Told]) -> None:
    keys("add", "keys.json", "--tenant", "acme")
    for words in (["--rotate"], ["--rotate"], ["--retire", "1"], ["--reader", "billing"]):
        assert keys("change", "keys.json", "acme", *words) == Told(0, "", "")
    assert keys("show", "keys.json").out == "tenant acme: versions 2, 3; read by billing; written by *\n"

    assert keys("change", "keys.json", "acme", "--shred") == Told(0, "", "")
    assert keys("show", "keys.json").out.startswith("tenant acme: shredded")


@pytest.mark.parametrize(
    "words, said",
    [
        (("add", "keys.json"), "nothing to add: expected --tenant NAME or --mask NAME"),
        (("add", "keys.json", "--tenant", "acme"), "key service: tenant acme: has a key already: rotate it"),
        (("add", "keys.json", "--mask", "tokens"), "key service: mask tokens: is there already"),
        (("change", "keys.json", "acme"), "expected exactly one of --rotate, --retire VERSION, --shred, --reader NAME"),
        (("change", "keys.json", "acme", "--rotate", "--shred"), "expected exactly one of"),
        (("change", "keys.json", "nobody", "--rotate"), "tenant nobody: there is no such tenant"),
        (("change", "keys.json", "acme", "--retire", "1"), "is the latest one"),
        (("show", "none.json"), "none.json: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    keys: Callable[..., Told], words: tuple[str, ...], said: str
) -> None:
    keys("add", "keys.json", "--tenant", "acme", "--mask", "tokens")
    before = Path("keys.json").read_bytes()

    told = keys(*words)

    assert (told.status, told.out) == (USAGE, "")
    assert said in told.err
    assert Path("keys.json").read_bytes() == before


def test_a_file_that_others_may_read_is_refused(keys: Callable[..., Told]) -> None:
    keys("add", "keys.json", "--tenant", "acme")
    Path("keys.json").chmod(0o644)

    assert "its mode is 0644, must be 0600" in keys("show", "keys.json").err
