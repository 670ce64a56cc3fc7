"""`sasl.jaas.config`: one login module with name and password, in the words that Java's `StreamTokenizer` finds in it.

What is read here, Kafka's own client reads likewise (`JaasConfig`), escapes and comments included: a password that came out
otherwise would be refused by brokers, and nobody would see why. Some of what Java takes is refused with a reason: a quotation
that the end of its line closes, options of no effect.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from producer.errors import ConfigError


class Credentials(NamedTuple):
    """Name and password of a user."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"Credentials({self.username!r})"


_MODULES = {
    "org.apache.kafka.common.security.plain.PlainLoginModule": ("PLAIN",),
    "org.apache.kafka.common.security.scram.ScramLoginModule": ("SCRAM-SHA-256", "SCRAM-SHA-512"),
}
_FLAGS = ("required", "requisite", "sufficient", "optional")


def parse_jaas(text: str, *, mechanism: str) -> Credentials:
    """Read `MODULE required username="…" password="…";`. Raises ConfigError, which never shows the values."""
    words = _words(text)
    if len(words) < 3 or words[-1] != _END:
        raise _error('must be: LoginModule required username="…" password="…";')
    module, flag = words[0].text, words[1].text
    if _END in words[:-1]:
        raise _error("it has more than one login module")
    if module not in _MODULES:
        raise _error(f"login module {module} is not known here, only {', '.join(_MODULES)}")
    if mechanism not in _MODULES[module]:
        raise _error(f"login module {module} is not for sasl.mechanism={mechanism}")
    if flag.lower() not in _FLAGS:
        raise _error(f"{flag!r} where one of {', '.join(_FLAGS)} belongs")
    options = _options(words[2:-1])
    for name in sorted(options.keys() - {"username", "password"}):
        raise _error(f"option {name} has no effect here, only username and password have")
    for name in ("username", "password"):
        if name not in options:
            raise _error(f"{name} is missing")
    return Credentials(options["username"], options["password"])


def _options(words: list[_Word]) -> dict[str, str]:
    options: dict[str, str] = {}
    for index in range(0, len(words), 3):
        trio = words[index : index + 3]
        if [word.is_mark for word in trio] != [False, True, False] or trio[1] != _EQUALS:
            raise _error("its options must be name=value")
        options[trio[0].text] = trio[2].text
    return options


def _error(what: str) -> ConfigError:
    return ConfigError(f"sasl.jaas.config: {what}")


# -- words -------------------------------------------------------------------------------------------------------------


class _Word(NamedTuple):
    text: str
    is_mark: bool = False


_END = _Word(";", is_mark=True)
_EQUALS = _Word("=", is_mark=True)

_IDLE = re.compile(r"(?:[\x00-\x20]|/\*.*?(?:\*/|\Z)|/.?[^\r\n]*)*", re.DOTALL)
"""Blanks and comments; one stroke begins a comment as well as two."""
_TOKEN = re.compile(
    r"""
    "(?P<double>(?:[^"\\\r\n]|\\.)*)"
    | '(?P<single>(?:[^'\\\r\n]|\\.)*)'
    | (?P<bare>[A-Za-z_$\u00a0-\U0010ffff][A-Za-z0-9_$.\u00a0-\U0010ffff-]*)
    | (?P<mark>[=;])
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\([0-3][0-7]{0,2}|[4-7][0-7]?|.)", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL = frozenset("01234567")


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    position = _after_idle(text, 0)
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _error(
                f"a quotation mark that is not closed on its line, or what must stand in quotation marks, at character {position + 1}"
            )
        kind = found.lastgroup
        assert kind is not None, "each kind of token is a named group"
        word = found[kind]
        words.append(_Word(_unescaped(word) if kind in {"double", "single"} else word, is_mark=kind == "mark"))
        position = _after_idle(text, found.end())
    return words


def _after_idle(text: str, position: int) -> int:
    found = _IDLE.match(text, position)
    assert found is not None, "it matches nothing at all, too"
    return found.end()


def _unescaped(quoted: str) -> str:
    return _ESCAPED.sub(lambda found: _meant(found[1]), quoted)


def _meant(escape: str) -> str:
    """Give what follows a backslash its meaning: a letter's, an octal number's, or its own."""
    return chr(int(escape, 8)) if escape[0] in _OCTAL else _LETTERS.get(escape, escape)
