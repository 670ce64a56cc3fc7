"""The futures of many records that were sent by one call: made when they are asked for, for nobody asks for most."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, overload

from producer.drivers.future import call_back
from producer.errors import ProducerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.drivers.interceptors import OnDelivery
    from producer.events import BatchMetadata


class Future(Protocol):
    """The future of one record, whichever driver made it."""

    def resolve(self, answer: BatchMetadata | ProducerError, index: int, /) -> None:
        """Give the answer; `index` is the record's place in its batch."""


F = TypeVar("F", bound=Future)


class SendFutures(Sequence[F], Generic[F]):
    """The futures of the records of one `send_many`, in order.

    Each is made when it is asked for: to make them all would cost the garbage collector more than everything else that
    happens to a record.
    """

    __slots__ = ("_answers", "_asked", "_indexes", "_listeners", "_make", "_refused", "_resolved", "on_delivery",
                 "tokens")  # fmt: skip

    def __init__(self, begin: int, count: int, on_delivery: OnDelivery | None, make: Callable[[], F]) -> None:
        """Stand for `count` records, which the engine knows by the numbers from `begin` on; `make` makes a future."""
        self.tokens = range(begin, begin + count)
        self.on_delivery = on_delivery
        self._answers: list[BatchMetadata | ProducerError | None] = [None] * count
        self._indexes = [0] * count
        self._make = make
        self._asked: dict[int, F] = {}
        """Futures that were asked for before their answer came, by place."""
        self._listeners: dict[int, OnDelivery] = {}
        # Counted apart: each is the matter of one thread alone.
        self._resolved = 0
        self._refused = 0

    def __len__(self) -> int:
        return len(self.tokens)

    @overload
    def __getitem__(self, place: int) -> F: ...
    @overload
    def __getitem__(self, place: slice) -> list[F]: ...
    def __getitem__(self, place: int | slice) -> F | list[F]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        asked = self._asked.get(place)
        if asked is None:
            asked = self._asked.setdefault(place, self._make())
            if self._answers[place] is not None:
                self._tell(place)
        return asked

    @property
    def are_over(self) -> bool:
        """Whether every record has its answer, or was abandoned."""
        return self._resolved + self._refused == len(self._answers)

    def errors(self) -> dict[int, ProducerError]:
        """Give the errors of the records that failed so far, by place; after `flush`, of all that did."""
        return {place: told for place, told in enumerate(self._answers) if isinstance(told, ProducerError)}

    def listen(self, token: int, on_delivery: OnDelivery) -> None:
        """Let somebody else hear of one record's answer, in place of `on_delivery`."""
        self._listeners[token] = on_delivery

    def resolve(self, token: int, answer: BatchMetadata | ProducerError, index: int) -> None:
        """Give the answer of one record; the driver does, once each."""
        self._resolved += 1
        # What `_answer` does, without the call: it is asked a million times.
        place = token - self.tokens.start
        assert self._answers[place] is None, "a record has exactly one answer"
        self._indexes[place] = index
        self._answers[place] = answer
        if self._asked or self._listeners or self.on_delivery is not None:
            self._tell_who_listens(place, answer, index)

    def refuse(self, token: int, error: ProducerError) -> None:
        """Give the error of a record that was not queued; whoever sends does."""
        self._refused += 1
        self._answer(token, error, 0)

    def abandon(self, count: int) -> None:
        """Expect no answer of so many records, which were never queued, and whose futures nobody has."""
        self._refused += count

    def _answer(self, token: int, answer: BatchMetadata | ProducerError, index: int) -> None:
        place = token - self.tokens.start
        assert self._answers[place] is None, "a record has exactly one answer"
        self._indexes[place] = index
        self._answers[place] = answer
        self._tell_who_listens(place, answer, index)

    def _tell_who_listens(self, place: int, answer: BatchMetadata | ProducerError, index: int) -> None:
        token = self.tokens.start + place
        try:
            if self._asked:
                self._tell(place)
        finally:
            on_delivery = self._listeners.pop(token, self.on_delivery) if self._listeners else self.on_delivery
            if on_delivery is not None:
                call_back(on_delivery, answer, index)

    def _tell(self, place: int) -> None:
        # The answer may come while the future is asked for: whoever takes it out gives it the answer.
        asked = self._asked.pop(place, None)
        answer = self._answers[place]
        if asked is not None and answer is not None:
            asked.resolve(answer, self._indexes[place])


class Outstanding(Generic[F]):
    """Every `SendFutures` that waits for an answer, found by a record's number. It has no lock: its owner holds one."""

    __slots__ = ("_begin", "_waiting")

    def __init__(self) -> None:
        self._begin = 0
        self._waiting: list[SendFutures[F]] = []
        """In the order of their numbers."""

    def begin(self, count: int, on_delivery: OnDelivery | None, make: Callable[[], F]) -> SendFutures[F]:
        """Number so many records, and give their futures."""
        futures = SendFutures(self._begin, count, on_delivery, make)
        self._begin += count
        self._waiting.append(futures)
        return futures

    def find(self, token: int) -> SendFutures[F]:
        """Give those that have the record of this number."""
        return self._waiting[bisect_right(self._waiting, token, key=_first) - 1]

    def forget(self, futures: SendFutures[F]) -> None:
        """Keep them no longer: each has its answer, or never will. Twice does no harm."""
        place = bisect_right(self._waiting, futures.tokens.start, key=_first) - 1
        if place >= 0 and self._waiting[place] is futures:
            del self._waiting[place]


def _first(futures: SendFutures[F]) -> int:
    return futures.tokens.start
