"""The name of a subject: a context, `.` by default, and a name within it. `:.staging:orders-value` is `orders-value` in `.staging`."""

from __future__ import annotations

from typing import NamedTuple, Self

from sim.registry.core.errors import RegistryCode, RegistryError

DEFAULT_CONTEXT = "."
GLOBAL_CONTEXT = ".__GLOBAL"
"""Of settings that hold in every context; no subject is in it."""
EVERY_CONTEXT = "*"
"""Stands for all of them where subjects are listed."""
_RESERVED = ("__GLOBAL", "__EMPTY")


class Subject(NamedTuple):
    """Where schemas are registered (Confluent's QualifiedSubject)."""

    context: str
    name: str
    """Empty: the context itself, of which settings may speak."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a name as clients write it; any text is one."""
        if text.startswith(f":{EVERY_CONTEXT}:"):
            return cls(EVERY_CONTEXT, text[3:])
        if not text.startswith(":."):
            return cls(DEFAULT_CONTEXT, text)
        context, _, name = text[1:].partition(":")
        return cls(context, name)

    @property
    def text(self) -> str:
        """The one way to write it."""
        return f"{context_text(self.context)}{self.name}"

    @property
    def is_context(self) -> bool:
        """Whether it is a whole context."""
        return not self.name


def context_text(context: str) -> str:
    """Write a context as it stands before a name; empty for the default one."""
    return "" if context == DEFAULT_CONTEXT else f":{context}:"


def context_of(text: str) -> str:
    """Give the context that a subject is in."""
    return Subject.of(text).context


def qualified(text: str, parent: str) -> str:
    """Name a subject that another one refers to: without a context of its own it is in that one's."""
    subject = Subject.of(text)
    return Subject(context_of(parent), text).text if subject.context == DEFAULT_CONTEXT else subject.text


def check_subject(text: str, *, is_for_settings: bool = False) -> None:
    """Raise RegistryError 42208 for a name under which nothing can be registered, or, `is_for_settings`, set."""
    subject = Subject.of(text)
    is_control = any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text)
    is_misplaced = subject.context == GLOBAL_CONTEXT and not is_for_settings
    if is_control or is_misplaced or subject.name in _RESERVED:
        raise RegistryError(RegistryCode.INVALID_SUBJECT, f"The specified subject '{text}' is not a valid subject.")
