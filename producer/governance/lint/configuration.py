"""One producer's configuration as somebody wrote it: names and lines as given, values by Kafka's names, defaults beneath."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from producer.config.profiles import PROFILE, PROFILES
from producer.config.property_types import trimmed
from producer.config.security import SECRETS
from producer.governance.lint.dialect import DEFAULTS, Dialect, dotted, meaning

_INTEGER = re.compile(r"[+-]?\d+")
_SECRET_WORDS = re.compile(r"password|passphrase|secret|private[._]key|\bjaas\b|user[._]info|key[._]pem|\btoken\b$")
_IN_A_URL = re.compile(r"://[^/@\s]*@")

OF_TOPICS = (
    "min.insync.replicas",
    "replication.factor",
    "unclean.leader.election.enable",
    "max.message.bytes",
    "message.timestamp.type",
)  # fmt: skip
"""Properties of the topic that a configuration may name beside the producer's own."""


def is_secret(name: str) -> bool:
    """Whether nobody may see the value of a property."""
    word = dotted(name).lower()
    return word in SECRETS or bool(_SECRET_WORDS.search(word))


def has_secret(name: str, value: str) -> bool:
    """Whether a value must not be shown: by its property's name, or because it is an address with a password in it."""
    return is_secret(name) or bool(_IN_A_URL.search(value))


class Given(NamedTuple):
    """One property as it was written."""

    name: str
    """In the client's own words."""
    value: str
    line: int
    """0 where a file has none that could be told (JSON)."""


class Configuration:
    """What a producer is told, for rules to look at. Names are Kafka's, whatever the dialect."""

    def __init__(self, given: list[Given], dialect: Dialect) -> None:
        self.dialect = dialect
        self.unknown: list[Given] = []
        """What the client does not know."""
        self.repeated: list[tuple[Given, Given]] = []
        """What is said twice: the first, and the one that holds."""
        self._given: dict[str, Given] = {}
        for one in given:
            name = one.name if one.name in OF_TOPICS else meaning(one.name, dialect)
            if name is None:
                self.unknown.append(one)
                continue
            if name in self._given:
                self.repeated.append((self._given[name], one))
            self._given[name] = one
        profile = PROFILES.get(self._given[PROFILE].value.strip()) if PROFILE in self._given else None
        self._beneath: Mapping[str, object] = {
            **DEFAULTS[dialect],
            **(profile.properties if profile is not None and dialect is Dialect.JAVA else {}),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """What is given, in its order."""
        return tuple(self._given)

    def given(self, name: str) -> Given | None:
        """One property as it was written; None if it was not."""
        return self._given.get(name) or next((one for one in self.unknown if one.name == name), None)

    def text(self, name: str) -> str:
        """The value that holds; empty if there is none."""
        if (one := self._given.get(name)) is not None:
            return str(trimmed(one.value))
        value = self._beneath.get(name)
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def number(self, name: str) -> int | None:
        """The value that holds as a whole number; None if there is none, or it is no number."""
        text = self.text(name)
        if self.dialect is Dialect.LIBRDKAFKA and name == "linger.ms":
            text = text.partition(".")[0]
        return int(text) if _INTEGER.fullmatch(text) else None

    def is_true(self, name: str) -> bool:
        """Whether the value that holds says yes."""
        return self.text(name).lower() in {"true", "t", "1"}

    def said(self, name: str) -> str:
        """`acks=1` in the words that were given, or the default and that it is one. No secret is shown, and of unknown names no value."""
        one = self._given.get(name)
        if one is not None:
            return f"{one.name}=(not shown)" if has_secret(one.name, one.value) else f"{one.name}={one.value}"
        # A misspelled password is one all the same.
        return name if self.given(name) else f"{name}={self.text(name)} (by default)"

    # -- what follows from several -------------------------------------------------------------------------------------

    @property
    def acks(self) -> str:
        """`0`, `1` or `all`; as it stands, if it is none of them."""
        word = self.text("acks").lower()
        return "all" if word == "-1" else word

    @property
    def in_flight(self) -> int:
        """Requests that may wait for an answer: librdkafka takes five at most where it is idempotent."""
        if self.dialect is Dialect.LIBRDKAFKA and not self.given("max.in.flight.requests.per.connection"):
            return 5 if self.is_idempotent else 1_000_000
        return self.number("max.in.flight.requests.per.connection") or 1

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        number = self.number("retries")
        return 1 if number is None else number

    @property
    def is_idempotent(self) -> bool:
        """Whether brokers can tell a retry from a new batch, after all that switches it off without a word."""
        name = "enable.idempotence"
        if self.dialect is Dialect.LIBRDKAFKA:
            return self.is_true(name) or bool(self.given("transactional.id"))
        if self.given(name) is not None or self.given("transactional.id") is not None:
            return self.is_true(name)
        return self.acks == "all" and self.retries > 0
