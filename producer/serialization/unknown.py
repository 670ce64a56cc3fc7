"""What a serializer says that cannot go on before a registry was asked: it asks nobody itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from producer.serialization.registry.calls import Call

    Questions = Generator[Call, Any, None]
    """What has to be asked of a registry: yields calls, is sent the JSON of each answer, or is thrown a SchemaRegistryError."""


class SchemaUnknownError(Exception):
    """Not for applications: once these questions were asked of a registry, the same call of the serializer knows the answer."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        super().__init__("a registry has to be asked first")
