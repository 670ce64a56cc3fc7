"""What is asked of a key service, as values, and the interface of one: implement `answer` for a service of your own."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from producer.governance.protection.key_material import DataKey, KeyMaterial


class NewDataKey(NamedTuple):
    """A new data key, wrapped by the tenant's current key. Answered by a `DataKey`."""

    tenant: str

    def __str__(self) -> str:
        return f"tenant {self.tenant}"


class UnwrapDataKey(NamedTuple):
    """The data key that is wrapped so. Answered by `KeyMaterial`."""

    tenant: str
    version: int
    wrapped: bytes

    def __str__(self) -> str:
        return f"tenant {self.tenant} version {self.version}"


class MaskKey(NamedTuple):
    """The key of hashes and tokens of that name. Answered by `KeyMaterial`, which must stay the same: joins rest on it."""

    name: str

    def __str__(self) -> str:
        return f"mask {self.name}"


KeyRequest = NewDataKey | UnwrapDataKey | MaskKey
KeyAnswer = DataKey | KeyMaterial


class KeyService(Protocol):
    """Whoever holds the tenants' keys: a file (`LocalKeyService`), a cloud's KMS, an HSM. The tenants' keys never leave it."""

    def answer(self, request: KeyRequest, /) -> KeyAnswer:
        """Answer, which may block. Raises KeyServiceError: KeyServiceAwayError, KeyForbiddenError, KeyShreddedError, NoSuchKeyError."""
        ...


class KeyWantedError(Exception):
    """Not for applications: once a key service has answered this, the same call goes on."""

    def __init__(self, request: KeyRequest) -> None:
        self.request = request
        super().__init__(f"a key service has to be asked for {request}")
