"""A key file is its owner's alone, is replaced as a whole, and never shows what is in it."""

import json
import pickle
import stat
from pathlib import Path

import pytest

from producer.errors import UsageError
from producer.governance.errors import KeyForbiddenError, KeyShreddedError, NoSuchKeyError
from producer.governance.protection.key_file import KeyFileError, load_keys, save_keys
from producer.governance.protection.key_material import DataKey, KeyMaterial
from producer.governance.protection.key_service import MaskKey, NewDataKey, UnwrapDataKey
from producer.governance.protection.local_keys import LocalKeyService
from tests.unit.producer.governance.keys import drawn, service


def unwrapped(keys: LocalKeyService, made: DataKey) -> bytes:
    answer = keys.answer(UnwrapDataKey(made.tenant, made.version, made.wrapped))
    assert isinstance(answer, KeyMaterial)
    return answer.reveal()


def new(keys: LocalKeyService, tenant: str = "acme") -> DataKey:
    made = keys.answer(NewDataKey(tenant))
    assert isinstance(made, DataKey)
    return made


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    keys, file = service("acme", "gone"), tmp_path / "keys.json"
    made = new(keys)
    keys.rotate("acme")
    keys.grant("acme", readers=["billing"])
    keys.shred("gone")
    save_keys(keys, file)

    loaded = load_keys(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (loaded.tenants, loaded.masks) == (keys.tenants, keys.masks)
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]
    with pytest.raises(KeyForbiddenError):
        loaded.answer(UnwrapDataKey("acme", made.version, made.wrapped))
    with pytest.raises(KeyShreddedError):
        new(loaded, "gone")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o700])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys.json"
    save_keys(service("acme"), file)
    file.chmod(mode)

    with pytest.raises(KeyFileError, match=rf"keys\.json: its mode is 0{mode:o}, must be 0600"):
        load_keys(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "no JSON",
        lambda _: [],
        lambda said: {**said, "format": "other"},
        lambda said: {**said, "tenants": {"acme": {}}},
        lambda said: {**said, "masks": {"tokens": "c2hvcnQ="}},
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_without_being_shown(tmp_path: Path, change: object) -> None:
    file = tmp_path / "keys.json"
    save_keys(service("acme"), file)
    said = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(change(said)), encoding="utf-8")  # type: ignore[operator]

    with pytest.raises(KeyFileError) as raised:
        load_keys(file)

    assert str(raised.value) == f"{file}: is no key file of ours (acklab-keys-1)"
    assert raised.value.__cause__ is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        load_keys(tmp_path / "none.json")
    with pytest.raises(KeyFileError, match="cannot be written: No such file"):
        save_keys(service(), tmp_path / "none" / "keys.json")


def test_what_one_version_wrapped_no_other_unwraps() -> None:
    keys = service("acme")
    made = new(keys)
    keys.rotate("acme")

    assert unwrapped(keys, made) == made.material.reveal()
    with pytest.raises(NoSuchKeyError, match="was not wrapped by it"):
        keys.answer(UnwrapDataKey("acme", 2, made.wrapped))
    with pytest.raises(NoSuchKeyError, match="is the latest one"):
        keys.retire("acme", 2)


@pytest.mark.parametrize("request_", [NewDataKey("nobody"), UnwrapDataKey("nobody", 1, b""), MaskKey("none")], ids=str)
def test_what_is_not_there_is_named(request_: NewDataKey) -> None:
    with pytest.raises(NoSuchKeyError, match=r"there is no such (tenant|masking key)"):
        service("acme").answer(request_)


def test_a_key_shows_itself_in_no_repr_and_in_no_pickle() -> None:
    keys = LocalKeyService(drawn(3))
    keys.add_tenant("acme")
    keys.add_mask("tokens")
    made, secret = new(keys), keys.tenants["acme"].versions[1]

    shown = " ".join(map(repr, (keys, keys.tenants, made, made.material, keys.as_principal("x"))))

    for one in (secret, made.material.reveal(), keys.masks["tokens"]):
        assert repr(one)[2:12] not in shown
        assert one.hex() not in shown
    with pytest.raises(UsageError, match="a key cannot be pickled"):
        pickle.dumps(made)
    with pytest.raises(UsageError, match="a key has 5 bytes, must have 32"):
        KeyMaterial(b"short")
