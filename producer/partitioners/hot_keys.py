"""Which keys are hot, told while records go by, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

from producer.errors import UsageError

SALT_SHARE_MAX = 0.1
"""Of a partition's fair share: what one salt of a hot key may bring to it (see `HotKeys.salts`)."""


class KeyCount(NamedTuple):
    """How often a key was among the records looked at: bounds, and mostly they are one."""

    key: bytes
    at_least: int
    at_most: int


class HotKeys:
    """Counts keys over the latest records, the hot ones nearly exactly (space-saving: Metwally, Agrawal, El Abbadi, 2005).

    It looks back on between half of `window_records` and all of them. A key with more than 1/`keys_max` of those records is
    never missed, and no count is wrong by more than that. Not safe for several threads at once.
    """

    __slots__ = ("_before", "_half_records", "_keys_max", "_now")

    def __init__(self, *, keys_max: int = 1_000, window_records: int = 100_000) -> None:
        """Remember at most `2 * keys_max` keys. Raises UsageError."""
        if keys_max < 1 or window_records < 2:
            msg = f"keys_max is {keys_max} and window_records is {window_records}, must be at least 1 and 2"
            raise UsageError(msg)
        self._keys_max = keys_max
        self._half_records = window_records // 2
        self._now = _Summary(keys_max)
        self._before = _Summary(keys_max)

    @property
    def records(self) -> int:
        """How many records are looked back on."""
        return self._now.records + self._before.records

    def count(self, key: bytes | None) -> None:
        """Take note of a record's key; one without a key is passed over."""
        if key is None:
            return
        self._now.add(key)
        if self._now.records == self._half_records:
            self._before, self._now = self._now, _Summary(self._keys_max)

    def hottest(self, most: int = 10) -> list[KeyCount]:
        """Give the hottest keys, the hottest first; those beyond 1/`keys_max` of the records are certain."""
        keys = dict.fromkeys([*self._before.counts, *self._now.counts])
        found = [self._bounds(key) for key in keys]
        found.sort(key=lambda one: (-one.at_least, -one.at_most))
        return found[:most]

    def salts(self, partition_count: int, share_max: float = SALT_SHARE_MAX) -> dict[bytes, int]:
        """Give the keys to salt, each with its number of salts, for `producer.partitioners.salted.SaltedPartitioner`.

        As many salts as keep what each brings to a partition below `share_max` of a fair share, and no more than
        partitions. A smaller `share_max` evens out more, and gives up the order of more keys.
        """
        allowed = share_max * self.records / partition_count
        needed = (
            (one.key, min(partition_count, -int(-one.at_least // allowed))) for one in self.hottest(self._keys_max)
        )
        return {key: salts for key, salts in needed if salts > 1}

    def _bounds(self, key: bytes) -> KeyCount:
        before, now = self._before.bounds(key), self._now.bounds(key)
        return KeyCount(key, before[0] + now[0], before[1] + now[1])


class _Summary:
    """The counters: so many, and a key that is not among them takes over the smallest one with its count."""

    __slots__ = ("_errors", "_keys_max", "_keys_of", "_least", "counts", "records")

    def __init__(self, keys_max: int) -> None:
        self._keys_max = keys_max
        self._keys_of: dict[int, dict[bytes, None]] = {}
        """By count, the key first that has had it longest: it goes first, and a run can be repeated."""
        self._errors: dict[bytes, int] = {}
        """What a key took over; only its count beyond that is its own."""
        self._least = 0
        self.counts: dict[bytes, int] = {}
        self.records = 0

    def add(self, key: bytes) -> None:
        self.records += 1
        count = self.counts.get(key)
        if count is not None:
            self._leave(key, count)
        elif len(self.counts) < self._keys_max:
            count = self._errors[key] = self._least = 0
        else:
            count = self._errors[key] = self._least
            evicted = next(iter(self._keys_of[count]))
            del self.counts[evicted], self._errors[evicted]
            self._leave(evicted, count)
        self.counts[key] = count + 1
        self._keys_of.setdefault(count + 1, {})[key] = None
        if self._least not in self._keys_of:
            # The one that left it went up by one, and nobody was below.
            self._least = count + 1

    def bounds(self, key: bytes) -> tuple[int, int]:
        count = self.counts.get(key)
        if count is not None:
            return count - self._errors[key], count
        return 0, self._least if len(self.counts) == self._keys_max else 0

    def _leave(self, key: bytes, count: int) -> None:
        keys = self._keys_of[count]
        del keys[key]
        if not keys:
            del self._keys_of[count]
