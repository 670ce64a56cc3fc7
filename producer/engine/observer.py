"""Whoever observes an engine is told of its batches through here, or nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.engine.batch import Batch


class Observer:
    """Makes `producer.events.Observation`s only where somebody listens."""

    __slots__ = ("_client_id", "_observe")

    def __init__(self, client_id: str, observe: Callable[[Any], object] | None) -> None:
        self._client_id = client_id
        self._observe = observe

    @property
    def is_listened_to(self) -> bool:
        return self._observe is not None

    def say(self, event: type[Any], now_us: int, *fields: object) -> None:
        """Tell of something that happened to the producer."""
        if self._observe is not None:
            self._observe(event(now_us, self._client_id, *fields))

    def say_of(self, event: type[Any], now_us: int, batch: Batch, *fields: object) -> None:
        """Tell of something that happened to a batch."""
        if self._observe is not None:
            self._observe(event(now_us, self._client_id, batch.number, *batch.partition, *fields))
