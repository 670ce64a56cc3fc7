"""A key service in this process: tenants' keys in memory, or in a file that nobody else may read; each wraps data keys (RFC 3394)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from producer.governance.errors import KeyForbiddenError, KeyShreddedError, NoSuchKeyError
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_material import KEY_BYTES, DataKey, KeyMaterial
from producer.governance.protection.key_service import KeyAnswer, KeyRequest, MaskKey, NewDataKey, UnwrapDataKey

if TYPE_CHECKING:
    from producer.governance.protection.key_service import KeyService

ANYBODY = "*"


@dataclass(slots=True)
class TenantKeys:
    """A tenant's keys."""

    versions: dict[int, bytes] = field(default_factory=dict, repr=False)
    """Version -> key. The highest one wraps; a retired one is gone."""
    latest: int = 0
    readers: tuple[str, ...] = (ANYBODY,)
    """Who may unwrap."""
    writers: tuple[str, ...] = (ANYBODY,)
    """Who may have new data keys."""
    is_shredded: bool = False


class LocalKeyService:
    """Tenants' keys, masking keys, and who has a right to them; safe to use from many threads."""

    def __init__(self, draw: Callable[[int], bytes] = urandom) -> None:
        """`draw` gives so many random bytes."""
        self._draw = draw
        self._lock = threading.Lock()
        self.tenants: dict[str, TenantKeys] = {}
        self.masks: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return (
            f"LocalKeyService(tenants: {', '.join(self.tenants) or 'none'}; masks: {', '.join(self.masks) or 'none'})"
        )

    # -- what an administrator does ------------------------------------------------------------------------------------

    def add_tenant(
        self, tenant: str, *, readers: Iterable[str] = (ANYBODY,), writers: Iterable[str] = (ANYBODY,)
    ) -> None:
        """Make a tenant's first key. Raises KeyShreddedError for a name that was shredded, NoSuchKeyError where it is there already."""
        with self._lock:
            known = self.tenants.get(tenant)
            if known is not None and known.is_shredded:
                raise KeyShreddedError(f"tenant {tenant}", "was deleted: its name is not given out again")
            if known is not None:
                raise NoSuchKeyError(f"tenant {tenant}", "has a key already: rotate it")
            made = TenantKeys(readers=tuple(readers), writers=tuple(writers))
            made.latest = 1
            made.versions[1] = self._draw(KEY_BYTES)
            self.tenants[tenant] = made

    def rotate(self, tenant: str) -> int:
        """Make a tenant's next key, which wraps from now on; the ones before still unwrap. Gives its version."""
        with self._lock:
            keys = self._keys(tenant)
            keys.latest += 1
            keys.versions[keys.latest] = self._draw(KEY_BYTES)
            return keys.latest

    def retire(self, tenant: str, version: int) -> None:
        """Delete one version: what it wrapped is never read again. Raises NoSuchKeyError; the latest one cannot go alone."""
        with self._lock:
            keys = self._keys(tenant)
            if version == keys.latest or version not in keys.versions:
                raise NoSuchKeyError(f"tenant {tenant} version {version}", "is the latest one, or is not there")
            del keys.versions[version]

    def shred(self, tenant: str) -> None:
        """Delete a tenant's keys: nobody ever reads again what they hid, once readers' data keys are too old (crypto-shredding)."""
        with self._lock:
            keys = self._keys(tenant)
            keys.versions.clear()
            keys.is_shredded = True

    def grant(self, tenant: str, *, readers: Iterable[str]) -> None:
        """Say who may read a tenant's values from now on."""
        with self._lock:
            self._keys(tenant).readers = tuple(readers)

    def add_mask(self, name: str) -> None:
        """Make a masking key. Raises NoSuchKeyError where it is there already: another one would break every join."""
        with self._lock:
            if name in self.masks:
                raise NoSuchKeyError(f"mask {name}", "is there already")
            self.masks[name] = self._draw(KEY_BYTES)

    # -- what is asked -------------------------------------------------------------------------------------------------

    def as_principal(self, principal: str) -> KeyService:
        """Give the service as somebody has it: with that one's rights."""
        return _AsPrincipal(self, principal)

    def answer(self, request: KeyRequest) -> KeyAnswer:
        """Answer whoever is in this process, as anybody. Raises KeyForbiddenError, KeyShreddedError, NoSuchKeyError."""
        return self.answer_to("", request)

    def answer_to(self, principal: str, request: KeyRequest) -> KeyAnswer:
        """Answer somebody. Raises KeyForbiddenError, KeyShreddedError, NoSuchKeyError."""
        with self._lock:
            match request:
                case MaskKey(name):
                    if name not in self.masks:
                        raise NoSuchKeyError(str(request), "there is no such masking key")
                    return KeyMaterial(self.masks[name])
                case NewDataKey(tenant):
                    keys = self._keys(tenant)
                    _check_right(principal, keys.writers, request)
                    plain = self._draw(KEY_BYTES)
                    wrapped = aes_key_wrap(keys.versions[keys.latest], plain)
                    return DataKey(tenant, keys.latest, KeyMaterial(plain), wrapped)
                case UnwrapDataKey(tenant, version, wrapped):
                    keys = self._keys(tenant)
                    _check_right(principal, keys.readers, request)
                    if version not in keys.versions:
                        raise NoSuchKeyError(str(request), "there is no such version any more, or not yet")
                    try:
                        return KeyMaterial(aes_key_unwrap(keys.versions[version], wrapped))
                    except (InvalidUnwrap, ValueError):
                        raise NoSuchKeyError(str(request), "the data key was not wrapped by it") from None

    def _keys(self, tenant: str) -> TenantKeys:
        keys = self.tenants.get(tenant)
        if keys is None:
            raise NoSuchKeyError(f"tenant {tenant}", "there is no such tenant")
        if keys.is_shredded:
            raise KeyShreddedError(f"tenant {tenant}", "its key was deleted")
        return keys


class _AsPrincipal:
    def __init__(self, service: LocalKeyService, principal: str) -> None:
        self._service = service
        self._principal = principal

    def answer(self, request: KeyRequest) -> KeyAnswer:
        """Answer, with the principal's rights."""
        return self._service.answer_to(self._principal, request)


def _check_right(principal: str, granted: tuple[str, ...], request: KeyRequest) -> None:
    if ANYBODY not in granted and principal not in granted:
        raise KeyForbiddenError(str(request), f"{principal or 'somebody without a name'} has no right to it")
