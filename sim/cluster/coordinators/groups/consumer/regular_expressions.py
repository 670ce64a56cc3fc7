r"""Regular expressions to which members subscribe: which there can be, and which topics each matches (TopicRegexResolver).

Kafka's are those of RE2J, matched against whole names of topics. Here they are put into the words of Python's `re`, without
what RE2J has not (looking around, going back to groups, atomic groups, possessive repeats). Classes of Unicode by `\p`
are the one thing of RE2J's that is refused; and an expression for which RE2J takes linear time may take Python longer.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORDS = re.compile(
    r"\\Q[\s\S]*?(?:\\E|$)"  # taken literally
    r"|\\[\s\S]"  # an escape
    r"|\[:\^?\w+:\]"  # a class of POSIX, within a class
    r"|\(\?(?:<?[=!]|>|\(|P=)"  # a group that RE2J has not
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\+"  # a possessive repeat
    r"|\{\d+(?:,\d*)?\}"  # a counted repeat
)
_REPEATS_MAX = 1_000
_POSIX: Mapping[str, str] = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:word:]": "0-9A-Za-z_",
    "[:xdigit:]": "0-9A-Fa-f",
}
_REASONS: Mapping[str, str] = {
    "missing ), unterminated subpattern": "missing closing )",
    "unbalanced parenthesis": "unexpected )",
    "unterminated character set": "missing closing ]",
    "bad character range": "invalid character class range",
    "multiple repeat": "invalid nested repetition operator",
    "nothing to repeat": "missing argument to repetition operator",
    "min repeat greater than max repeat": "invalid repeat count",
    "bad escape": "invalid escape sequence",
}
"""What Python says, as it begins, and what RE2J says instead."""


class Resolved(NamedTuple):
    """What an expression was found to match."""

    topics: tuple[str, ...]
    """In alphabetical order."""
    version: int
    """Up to which offset of the metadata log the topics were known."""
    timestamp_ms: int


def check_regular_expression(regex: str) -> None:
    """Raise INVALID_REGULAR_EXPRESSION unless that is one."""
    try:
        _compiled(regex)
    except _InvalidError as error:
        text = f"SubscribedTopicRegex `{regex}` is not a valid regular expression: {error}."
        raise CoordinatorError(Code.INVALID_REGULAR_EXPRESSION, text) from None


def matching(regex: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names that it matches whole, in alphabetical order; none for one that is invalid."""
    try:
        pattern = _compiled(regex)
    except _InvalidError:
        return ()
    return tuple(sorted([name for name in names if pattern.fullmatch(name)]))


class _InvalidError(Exception):
    """The reason, in RE2J's words."""


def _compiled(regex: str) -> re.Pattern[str]:
    translated = _WORDS.sub(_translated, regex)
    try:
        with warnings.catch_warnings():
            # Python may give "[[" another meaning one day.
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        said = str(error)
        reason = next((reason for begin, reason in _REASONS.items() if said.startswith(begin)), said)
        raise _InvalidError(reason) from None


def _translated(found: re.Match[str]) -> str:
    """Give one word of RE2J as Python has it."""
    word = found.group()
    if word.startswith("\\Q"):
        return re.escape(word[2:].removesuffix("\\E"))
    if word == "\\z":
        return "\\Z"
    if word.startswith("\\"):
        if word[1:] in {"Z", *"123456789"}:
            raise _InvalidError("invalid escape sequence")
        return word
    if word.startswith("[:"):
        return _POSIX.get(word, word)
    if word.startswith("(?"):
        raise _InvalidError("invalid or unsupported Perl syntax")
    if word.endswith("+"):
        raise _InvalidError("invalid nested repetition operator")
    if any(int(count) > _REPEATS_MAX for count in word[1:-1].split(",") if count):
        raise _InvalidError("invalid repeat count")
    return word
