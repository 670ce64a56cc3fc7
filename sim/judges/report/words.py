"""Words that reports have in common: bytes as text, errors by their names, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import error_code
from sim.clients.drivers import CODE_NOT_SENT, PRODUCER

if TYPE_CHECKING:
    from collections.abc import Sequence


def text_of(data: bytes | None) -> str:
    """Show bytes as text where they are text."""
    return "(none)" if data is None else data.decode("utf-8", "backslashreplace")


def code_text(code: int) -> str:
    """Name an error of Kafka's table."""
    return "the client itself gave up" if code == CODE_NOT_SENT else error_code(code).name


def who_text(client: str) -> str:
    """Name a client as an application: where a story has but one, it needs no name."""
    return "the application" if client == PRODUCER else client


def list_text(names: Sequence[str]) -> str:
    """Name several things, or none."""
    return ", ".join(names) or "nothing"
