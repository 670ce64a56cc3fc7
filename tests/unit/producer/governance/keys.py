"""Keys for tests: a key service in memory with a stream of its own, and who answers a governor by hand."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from producer.governance.asking import asking
from producer.governance.governed_producer import ask_keys, walked
from producer.governance.governor import Governor, Ruling
from producer.governance.policy.file import policy_of
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import KeyService
from producer.governance.protection.local_keys import LocalKeyService
from producer.governance.protection.opener import Opener
from producer.records import Record

if TYPE_CHECKING:
    from producer.governance.asking import Told, Wanted

T = TypeVar("T")


def drawn(seed: int = 1) -> Callable[[int], bytes]:
    """Give a stream of random bytes that is the same each time."""
    return Random(seed).randbytes


def service(*tenants: str, masks: tuple[str, ...] = ("tokens",)) -> LocalKeyService:
    """Give a key service with these tenants."""
    made = LocalKeyService(drawn(7))
    for tenant in tenants:
        made.add_tenant(tenant)
    for mask in masks:
        made.add_mask(mask)
    return made


class Desk:
    """A governor with its key service, and time that is told."""

    def __init__(self, topic: dict[str, Any], keys: KeyService | None, *, seed: int = 1, **whole: Any) -> None:
        self.policy = policy_of({"version": 1, "topics": [{"match": "orders", **topic}], **whole})
        self.ring = KeyRing(drawn(seed), age_us=self.policy.data_key_age_us, uses_max=self.policy.data_key_uses)
        self.governor = Governor(self.policy, self.ring)
        self.keys = keys
        self.now_us = 0
        self.asked: list[str] = []

    def ruling(self, value: bytes | None, *, key: bytes | None = None, headers: Any = ()) -> Ruling:
        record = Record("orders", value, key, headers=tuple(headers))
        return self.known(lambda: self.governor.ruling(record, self.now_us), self.ring)

    def passed(self, value: bytes | None, *, key: bytes | None = None, headers: Any = ()) -> Record:
        ruling = self.ruling(value, key=key, headers=headers)
        assert ruling.error is None, ruling
        assert ruling.record is not None
        return ruling.record

    def opened(self, record: Record, keys: KeyService | None = None) -> Record:
        """Read a record back as somebody else, who holds no key yet."""
        ring = KeyRing(drawn(99))
        opener = Opener(ring)
        return self.known(lambda: opener.opened(record, self.now_us), ring, keys)

    def known(self, use: Callable[[], T], ring: KeyRing, keys: KeyService | None = None) -> T:
        def answer(wanted: Wanted) -> Told:
            self.asked.append(str(wanted))
            return ask_keys(wanted, keys or self.keys)  # type: ignore[arg-type]  # nobody asks a registry here

        return walked(asking(use, ring, lambda: self.now_us), answer)
