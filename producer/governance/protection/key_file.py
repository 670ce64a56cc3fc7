"""A local key service's file: JSON that its owner alone may read (0600), replaced as a whole, and refused where others may read it."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from producer.errors import UsageError
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_material import KEY_BYTES
from producer.governance.protection.local_keys import LocalKeyService, TenantKeys

FORMAT = "acklab-keys-1"
OWNER_ONLY = 0o600


class KeyFileError(UsageError):
    """A key file cannot be used. The message names the file and never what is in it."""


def load_keys(file: Path, draw: Callable[[int], bytes] = urandom) -> LocalKeyService:
    """Read a file. Raises KeyFileError where it is none of ours, or somebody besides its owner may read it."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & ~OWNER_ONLY:
            raise KeyFileError(f"{file}: its mode is {mode:04o}, must be 0600: others could read the keys")
        said = json.loads(file.read_text(encoding="utf-8"))
        return _service(said, draw)
    except OSError as error:
        raise KeyFileError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Their words may show a part of it.
        raise KeyFileError(f"{file}: is no key file of ours ({FORMAT})") from None


def save_keys(service: LocalKeyService, file: Path) -> None:
    """Write all keys, for the owner alone; whoever reads meanwhile has the old file or the new one. Raises KeyFileError.

    What a disk keeps of the file before is not this function's matter: shredding rests on the disk's own encryption there.
    """
    said = {
        "format": FORMAT,
        "tenants": {name: _tenant(keys) for name, keys in service.tenants.items()},
        "masks": {name: b64encode(key).decode() for name, key in service.masks.items()},
    }
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(said, opened)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise KeyFileError(f"{file}: cannot be written: {error.strerror}") from error


def _tenant(keys: TenantKeys) -> dict[str, Any]:
    return {
        "versions": {str(version): b64encode(key).decode() for version, key in keys.versions.items()},
        "latest": keys.latest,
        "readers": list(keys.readers),
        "writers": list(keys.writers),
        "shredded": keys.is_shredded,
    }


def _service(said: dict[str, Any], draw: Callable[[int], bytes]) -> LocalKeyService:
    if said["format"] != FORMAT:
        raise ValueError(said["format"])
    service = LocalKeyService(draw)
    for name, one in said["tenants"].items():
        versions = {int(version): _key(key) for version, key in one["versions"].items()}
        if not one["shredded"] and one["latest"] not in versions:
            raise ValueError(name)
        service.tenants[name] = TenantKeys(
            versions, one["latest"], tuple(one["readers"]), tuple(one["writers"]), bool(one["shredded"])
        )
    service.masks = {name: _key(key) for name, key in said["masks"].items()}
    return service


def _key(text: str) -> bytes:
    key = b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(len(key))
    return key
