"""The words of a policy: what each pattern of topics wants of a record, what hides its fields, and what becomes of one that is not so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from producer.governance.paths import Path
from producer.governance.patterns import nearest
from producer.governance.values import Format

S_US = 1_000_000

By = Literal["redact", "hash", "tokenise", "generalise", "encrypt"]
"""How a field is hidden."""


class Action(StrEnum):
    """What becomes of a record that the policy does not want."""

    REFUSE = "refuse"
    """It is not sent; its application is told INVALID_RECORD."""
    DEAD_LETTER = "dead_letter"
    """It goes to the dead-letter topic in place of its own, its fields hidden as they would have been."""
    COUNT = "count"
    """It goes on, and is counted: how a policy is tried out."""


class MissingKey(StrEnum):
    """What becomes of a record while the key that is to hide it cannot be had."""

    REFUSE = "refuse"
    PASS = "pass"  # noqa: S105 - no password
    """It goes on as it is, in plaintext: what many gateways do unless told otherwise. Each one is counted."""


class FieldRule(NamedTuple):
    """What one field must be, where it is there."""

    path: Path
    format: str = ""
    """One of `producer.governance.policy.formats`; empty: any."""
    pattern: re.Pattern[str] | None = None
    one_of: tuple[object, ...] = ()


class Hidden(NamedTuple):
    """How one field is hidden, or the record's key, or its whole value."""

    by: By
    key: str = ""
    """Name of the masking key, for hashes and tokens."""
    domain: str = ""
    """Fields of one domain have equal tokens for equal values, in whatever topic: what joins need."""
    alphabet: str = "letters_and_digits"
    """Of tokens: `digits`, `letters`, `letters_and_digits`."""
    length: int = 64
    """Characters of a hash."""
    text: str = "***"
    """What a redacted text becomes."""
    step: float = 0
    """Numbers are generalised to the multiple of this below them."""
    to: str = ""
    """Times and dates are generalised to this: `year`, `month`, `day`, `hour`."""
    keep: int = 0
    """Of texts so many characters are kept when they are generalised."""


class Tenant(NamedTuple):
    """Whose key encrypts: a field's or a header's text, or always the same one."""

    path: Path | None = None
    header: str = ""
    name: str = ""


NOBODY = Tenant()


@dataclass(frozen=True, slots=True)
class TopicPolicy:
    """What is wanted of one topic, or of all that begin so."""

    match: str
    action: Action = Action.REFUSE
    formats: tuple[Format, ...] = ()
    """Empty: any."""
    subjects: tuple[str, ...] = ()
    """Patterns of subjects one of which must have the record's schema; empty: any, and none."""
    compatibility: tuple[str, ...] = ()
    """Levels, one of which that subject must have; empty: any."""
    required: tuple[str, ...] = ()
    """Fields that must be there and no null; `header:NAME` and `key` as well."""
    fields: tuple[FieldRule, ...] = ()
    allow_tombstones: bool = True
    tenant: Tenant = NOBODY
    protect: tuple[tuple[Path, Hidden], ...] = ()
    """Fields that are hidden, in this order."""
    key: Hidden | None = None
    """How the record's key is hidden."""
    encrypt_value: bool = False
    """The whole value is encrypted, behind what hides its fields."""

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        return bool(self.protect or self.key or self.encrypt_value)

    @property
    def looks_inside(self) -> bool:
        """Whether it has to know what stands in the value."""
        return bool(
            self.formats
            or self.subjects
            or self.compatibility
            or self.fields
            or self.protect
            or self.tenant.path
            or any(one != "key" and not one.startswith(HEADER) for one in self.required)
        )


HEADER = "header:"
"""What begins the name of a header where a field could stand."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All that holds for a producer, or for a gateway; a value."""

    topics: tuple[TopicPolicy, ...] = ()
    allow_unlisted: bool = True
    """Whether a topic that no pattern means may be written to."""
    on_missing_key: MissingKey = MissingKey.REFUSE
    data_key_age_us: int = 300 * S_US
    """How long a producer goes on with one data key, and so how late it may learn of a tenant's new key."""
    data_key_uses: int = 1_000_000
    """How many values one data key encrypts at most."""
    name: str = ""
    levels_age_us: int = 300 * S_US
    """How long a subject's compatibility level is believed."""

    def of(self, topic: str) -> TopicPolicy | None:
        """Give what is wanted of a topic: by its own name, else by the longest beginning; None if nothing is."""
        return nearest(((one.match, one) for one in self.topics), topic)
