"""How a governor, or an opener, comes to its keys and schemas: it is called, what it lacks is asked for, and it is called again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

from producer.errors import ProducerError
from producer.governance.errors import KeyServiceError
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import KeyWantedError
from producer.serialization.unknown import SchemaUnknownError

if TYPE_CHECKING:
    from producer.governance.protection.key_material import DataKey, KeyMaterial
    from producer.governance.protection.key_service import KeyRequest
    from producer.serialization.unknown import Questions

    Wanted = KeyRequest | Questions
    Told = DataKey | KeyMaterial | KeyServiceError | None
    """What a key service said; None once a registry was asked."""

T = TypeVar("T")

ROUNDS_MAX = 50
"""How often one record may lead to more questions: a mask for each field, a data key, a schema, subjects."""


def asking(use: Callable[[], T], keys: KeyRing, now_us: Callable[[], int]) -> Generator[Wanted, Told, T]:
    """Call `use` until it knows; what it wants to know is yielded, and the answer is sent. Raises what `use` raises.

    A question of a registry has to be answered in full by whoever drives this (`producer.drivers.thread_registry`).
    """
    for _ in range(ROUNDS_MAX):
        try:
            return use()
        except KeyWantedError as wanted:
            request = wanted.request
        except SchemaUnknownError as unknown:
            yield unknown.questions
            continue
        told = yield request
        assert told is not None, "a key service was asked"
        if isinstance(told, KeyServiceError):
            keys.failed(request, told, now_us())
        else:
            keys.hold(request, told, now_us())
    msg = f"one record leads to more than {ROUNDS_MAX} questions"
    raise ProducerError(msg)
