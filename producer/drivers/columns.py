"""Columns of records, cut into runs that the engine takes whole: the common work of both kinds of `send_many`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from producer.drivers.send_futures import Future, SendFutures
from producer.errors import (
    BufferExhaustedError,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    UsageError,
)
from producer.records import Record, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

RUN_RECORDS = 8_192
"""Columns are gone over in pieces of so many, so that all partitions have work and no lock is held for long."""

F = TypeVar("F", bound=Future)


class Cut(Protocol):
    """Cuts columns into runs, one a partition; none if records must go one by one."""

    def __call__(
        self, topic: str, keys: Sequence[bytes] | None, values: Sequence[bytes | None], tokens: Sequence[int], /
    ) -> list[Run]: ...


class Columns(Generic[F]):
    """Iterate to get those records that must be sent one by one, each with its token; the others are queued on the way.

    Whoever iterates sends each record that it is given, or calls `refuse`, before it asks for the next one. After an error
    that says that waiting is in vain, every record still to come is refused.
    """

    def __init__(
        self,
        topic: str,
        values: Sequence[bytes | None],
        keys: Sequence[bytes] | None,
        futures: SendFutures[F],
        *,
        forget: Callable[[SendFutures[F]], object],
        cut: Cut | None = None,
        append: Callable[[str, Run, int], int] | None = None,
        intercept: Callable[[Record, int], Record] | None = None,
    ) -> None:
        """Without `cut` and `append`, each record goes by itself. `forget` is called once all futures are over."""
        self.futures = futures
        self._topic = topic
        self._values = values
        self._keys = keys
        self._forget = forget
        self._cut = cut
        self._append = append
        self._intercept = intercept
        self._refusal: ProducerError | None = None
        """What says that waiting is in vain."""
        self._left = len(values)
        """Records that are neither queued nor refused."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._left:
            # Whoever sends was interrupted: nobody will hear of these.
            self.futures.abandon(self._left)
        if self.futures.are_over:
            self._forget(self.futures)

    def __iter__(self) -> Iterator[tuple[Record, int]]:
        for begin in range(0, len(self._values), RUN_RECORDS):
            end = begin + RUN_RECORDS
            keys = None if self._keys is None else self._keys[begin:end]
            values, tokens = self._values[begin:end], self.futures.tokens[begin:end]
            runs = self._cut(self._topic, keys, values, tokens) if self._cut is not None and not self._refusal else []
            for run in runs or [Run(None, keys or [None] * len(values), values, tokens, None)]:
                yield from self._go_over(run, is_whole=bool(runs))

    def _go_over(self, run: Run, *, is_whole: bool) -> Iterator[tuple[Record, int]]:
        place, end = 0, len(run.values)
        while place < end:
            if self._refusal is not None:
                self._refuse_rest(run, place)
                return
            if is_whole and self._append is not None:
                place += self._take(run, place, self._append)
                if place == end:
                    return
            record, token = Record(self._topic, run.values[place], run.keys[place], run.partition), run.tokens[place]
            if self._intercept is not None:
                record = self._intercept(record, token)
            self._left -= 1
            yield record, token
            place += 1

    def refuse(self, token: int, error: ProducerError) -> None:
        """The record of this token could not be queued."""
        if isinstance(error, (BufferExhaustedError, MetadataTimeoutError, ProducerClosedError)):
            self._refusal = error
        self.futures.refuse(token, error)

    def withdraw(self) -> None:
        """The record that was given last is not queued, and nobody will hear of it."""
        self._left += 1

    def _take(self, run: Run, place: int, append: Callable[[str, Run, int], int]) -> int:
        # Interrupted in between, some may be queued: so they count as queued, and their answers find their futures.
        rest = len(run.values) - place
        self._left -= rest
        count = append(self._topic, run, place)
        self._left += rest - count
        return count

    def _refuse_rest(self, run: Run, place: int) -> None:
        assert self._refusal is not None
        for token in run.tokens[place:]:
            self._left -= 1
            self.futures.refuse(token, self._refusal)


def checked_columns(
    values: Iterable[bytes | None], keys: Iterable[bytes] | None, *, are_bytes: bool = True
) -> tuple[list[bytes | None], list[bytes] | None]:
    """Copy the columns: nobody changes them while they are sent, and whatever can be gone through can be cut.

    What is in them is whatever serializers take unless `are_bytes`. Raises UsageError, naming the first thing that is wrong, unless they are as `send_many` wants them.
    """
    found = (
        _checked("value", values, {bytes, type(None)} if are_bytes else None),
        None if keys is None else _checked("key", keys, {bytes} if are_bytes else None),
    )
    if found[1] is not None and len(found[1]) != len(found[0]):
        msg = f"{len(found[1])} keys and {len(found[0])} values, must be as many"
        raise UsageError(msg)
    return found


def _checked(name: str, column: object, allowed: set[type] | None) -> list[Any]:
    """Copy a column. None allows whatever is in it."""
    if not isinstance(column, Iterable):
        msg = f"{name}s are a {type(column).__name__}, must be a sequence"
        raise UsageError(msg)
    found = list(column)
    if allowed is not None and not set(map(type, found)) <= allowed:
        place = next(place for place, one in enumerate(found) if type(one) not in allowed)
        wanted = "bytes or None" if type(None) in allowed else "bytes"
        msg = f"{name} {place} is a {type(found[place]).__name__}, must be {wanted}"
        raise UsageError(msg)
    return found
