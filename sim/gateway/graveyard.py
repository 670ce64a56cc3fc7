"""Where a gateway's dead letters go: topics beside those of the records, by a producer of the gateway's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.errors import ProducerError
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from producer.drivers.future import SendFuture
    from producer.records import Record

LETTERS_S_MAX = 30.0
"""How long the letters of one batch are waited for; its client asks again behind that."""


class Sends(Protocol):
    """What is asked of the producer of dead letters; `producer.Producer` is one."""

    def send_record(self, record: Record) -> SendFuture: ...

    def close(self, timeout_s: float | None = None) -> None: ...


class Graveyard:
    """Writes dead letters, and waits until they are acknowledged."""

    def __init__(self, producer: Sends) -> None:
        """`producer` is closed with this one."""
        self._producer = producer

    def bury(self, letters: tuple[Record, ...]) -> None:
        """Write them. Raises UnavailableError, which says why they do not lie there, or not surely.

        Its client sends the batch again then, and a letter that came true all the same is there twice.
        """
        try:
            for sent in [self._producer.send_record(letter) for letter in letters]:
                sent.result(LETTERS_S_MAX)
        except (ProducerError, TimeoutError) as error:
            msg = f"dead letters: {str(error) or 'no answer in time'}"
            raise UnavailableError(msg) from error

    def close(self) -> None:
        """End the producer; nobody waits for a letter any more."""
        self._producer.close(0)
