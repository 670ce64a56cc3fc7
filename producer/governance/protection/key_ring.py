"""The keys that a producer or a reader holds for now: each with limits on its age and its uses, and refusals for a while.

It asks nobody: what it lacks it raises (`KeyWantedError`), and is told by `hold` or `failed`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from producer.errors import UsageError
from producer.governance.errors import KeyServiceError
from producer.governance.protection.key_material import DataKey, KeyMaterial
from producer.governance.protection.key_service import KeyRequest, KeyWantedError, MaskKey, NewDataKey, UnwrapDataKey

S_US = 1_000_000
HELD_MAX = 10_000
"""Data keys that a reader holds; the one that was asked for longest ago goes first."""
REFUSAL_US = S_US
"""For so long nobody is asked again for what was refused, or when nobody answered: a service that is away costs one wait, not one a record."""
NONCE_BYTES = 12
COUNTER_BYTES = 4


class Writing(NamedTuple):
    """A data key, and a nonce that no other value of this key has."""

    key: DataKey
    nonce: bytes


class _Current:
    """A tenant's data key at work."""

    def __init__(self, key: DataKey, since_us: int, prefix: bytes) -> None:
        self.key = key
        self.since_us = since_us
        self.uses = 0
        self._prefix = prefix

    def next_nonce(self) -> bytes:
        """Count: 8 bytes drawn once a key, 4 that count (SP 800-38D, 8.2.1), so none comes twice however chance falls."""
        self.uses += 1
        return self._prefix + self.uses.to_bytes(COUNTER_BYTES)


class KeyRing:
    """The keys of one process. A forked one must `forget`: two that count on with one key would repeat nonces."""

    def __init__(self, draw: Callable[[int], bytes], *, age_us: int = 300 * S_US, uses_max: int = 1_000_000) -> None:
        """`draw` gives so many random bytes. `age_us` and `uses_max` limit data keys; an unwrapped one is held as long."""
        if not 1 <= uses_max < 1 << (8 * COUNTER_BYTES):
            raise UsageError(
                f"uses_max is {uses_max}, must be 1..{(1 << (8 * COUNTER_BYTES)) - 1}: nonces would repeat"
            )
        self._draw = draw
        self._age_us = age_us
        self._uses_max = uses_max
        self._current: dict[str, _Current] = {}
        self._unwrapped: OrderedDict[UnwrapDataKey, tuple[KeyMaterial, int]] = OrderedDict()
        self._masks: dict[str, tuple[KeyMaterial, int]] = {}
        self._refused: dict[KeyRequest, tuple[KeyServiceError, int]] = {}

    def __repr__(self) -> str:
        return f"KeyRing({len(self._current)} to write, {len(self._unwrapped)} to read)"

    def writing(self, tenant: str, now_us: int) -> Writing:
        """Give a tenant's data key for one value. Raises KeyWantedError, KeyServiceError."""
        current = self._current.get(tenant)
        if current is None or now_us - current.since_us >= self._age_us or current.uses >= self._uses_max:
            raise self._wanted(NewDataKey(tenant), now_us)
        return Writing(current.key, current.next_nonce())

    def reading(self, request: UnwrapDataKey, now_us: int) -> KeyMaterial:
        """Give the data key that is wrapped so. Raises KeyWantedError, KeyServiceError."""
        held = self._unwrapped.get(request)
        if held is None or now_us - held[1] >= self._age_us:
            self._unwrapped.pop(request, None)
            raise self._wanted(request, now_us)
        self._unwrapped.move_to_end(request)
        return held[0]

    def masking(self, name: str, now_us: int) -> KeyMaterial:
        """Give the key of hashes and tokens of that name. Raises KeyWantedError, KeyServiceError."""
        held = self._masks.get(name)
        if held is None or now_us - held[1] >= self._age_us:
            raise self._wanted(MaskKey(name), now_us)
        return held[0]

    def hold(self, request: KeyRequest, answer: DataKey | KeyMaterial, now_us: int) -> None:
        """Take what a key service answered."""
        self._refused.pop(request, None)
        match request, answer:
            case NewDataKey(tenant), DataKey():
                self._current[tenant] = _Current(answer, now_us, self._draw(NONCE_BYTES - COUNTER_BYTES))
            case UnwrapDataKey(), KeyMaterial():
                self._unwrapped[request] = answer, now_us
                if len(self._unwrapped) > HELD_MAX:
                    self._unwrapped.popitem(last=False)
            case MaskKey(name), KeyMaterial():
                self._masks[name] = answer, now_us
            case _:
                raise KeyServiceError(str(request), f"the answer is a {type(answer).__name__}")

    def failed(self, request: KeyRequest, error: KeyServiceError, now_us: int) -> None:
        """Take why there is no answer: until a second later nobody is asked again."""
        if len(self._refused) >= HELD_MAX:
            self._refused.clear()
        self._refused[request] = error, now_us + REFUSAL_US

    def forget(self) -> None:
        """Hold no key any more."""
        for held in (self._current, self._unwrapped, self._masks, self._refused):
            held.clear()

    def _wanted(self, request: KeyRequest, now_us: int) -> Exception:
        refused = self._refused.get(request)
        if refused is not None and now_us < refused[1]:
            return refused[0]
        return KeyWantedError(request)
