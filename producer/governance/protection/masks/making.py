"""From the words of a policy to what hides a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.governance.protection.masks.generalise import Keep, Step, Truncate
from producer.governance.protection.masks.keyed_hash import KeyedHash
from producer.governance.protection.masks.redact import Redact
from producer.governance.protection.masks.tokenise import Tokenise

if TYPE_CHECKING:
    from producer.governance.policy.words import Hidden
    from producer.governance.protection.key_material import KeyMaterial
    from producer.governance.protection.masks.mask import Mask

KEYED = frozenset({"hash", "tokenise"})
"""What a key is needed for."""


def mask(words: Hidden, key: KeyMaterial | None) -> Mask:
    """Make what hides a field. Encryption is no mask: it can be undone by whoever has the right."""
    if words.by == "redact":
        return Redact(words.text)
    if words.by == "generalise":
        return Step(words.step) if words.step else Truncate(words.to) if words.to else Keep(words.keep)
    assert key is not None, f"{words.by} needs a key"
    if words.by == "hash":
        return KeyedHash(key, domain=words.domain, length=words.length)
    assert words.by == "tokenise", words.by
    return Tokenise(key, domain=words.domain, alphabet=words.alphabet)
