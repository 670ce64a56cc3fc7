"""What a broker remembers of the Fetches of a client, so that the next one names what changed and is told what changed (KIP-227).

Kafka: FetchManager, FetchSession, FetchSessionCacheShard. A Fetch without a session, and one that begins a session, are contexts
like the one within a session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.messages.fetch import NO_DIVERGENCE, FetchPartition, FetchPartitionResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.world.kernel import World

NO_SESSION = 0
_BEGIN, _FINAL = 0, -1
_EPOCH_MAX = 0x7FFFFFFF
_SHARDS = 8
"""Caches that do not know of each other, taken in turn (NUM_FETCH_SESSION_CACHE_SHARDS)."""
_SHARD_IDS = 0x7FFFFFFF // _SHARDS
_EVICTION_MS = 120_000
"""A session that was not used for so long goes first; one that is younger is not pushed out by a larger one."""

Key = tuple[str, bytes, int]
"""A topic's name up to version 12, its id since 13, and a partition's number."""


class Wanted(NamedTuple):
    """One partition of a Fetch."""

    key: Key
    topic: str
    """Its name; empty for an id that nobody has."""
    asked: FetchPartition


Found = dict[Key, FetchPartitionResponse]


class Told(NamedTuple):
    """What the answer says."""

    code: Code
    session_id: int
    found: Found


class FetchContext:
    """A Fetch without a session."""

    code = Code.NONE
    """Why nothing of it is looked at."""

    def __init__(self, partitions: dict[Key, Wanted]) -> None:
        self.partitions = partitions

    def told(self, found: Found) -> Told:
        """Give what there is to tell, and remember it."""
        return Told(Code.NONE, NO_SESSION, found)

    def news(self, found: Found) -> Found:
        """Give what there would be to tell, and remember nothing."""
        return found

    def told_to_wait(self) -> Told:
        """Give what a client is told that has to wait: nothing, and no session begins by it (getThrottledResponse)."""
        return Told(Code.NONE, NO_SESSION, {})


class _Refused(FetchContext):
    """A Fetch in a session that is not there, or is further."""

    def __init__(self, code: Code) -> None:
        super().__init__({})
        self.code = code


class _Cached:
    """One partition in a session, and what its client knows of it."""

    __slots__ = ("high_watermark", "log_start_offset", "wanted")

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.high_watermark = self.log_start_offset = -1

    def is_news(self, response: FetchPartitionResponse) -> bool:
        """Whether that has to be told (CachedPartition.maybeUpdateResponseData)."""
        return (
            bool(response.records)
            or self.high_watermark != response.high_watermark
            or self.log_start_offset != response.log_start_offset
            or response.preferred_read_replica >= 0
            or response.error_code != 0
            or response.diverging_epoch != NO_DIVERGENCE
        )

    def learn(self, response: FetchPartitionResponse) -> bool:
        """Remember what is told. Returns whether it has to be."""
        is_news = self.is_news(response)
        # An error is told again each time, and what comes after it in any case.
        self.high_watermark = -1 if response.error_code != 0 else response.high_watermark
        self.log_start_offset = response.log_start_offset
        return is_news


class FetchSession:
    """One client's partitions, those that gave something last at the end, so that each has its turn."""

    def __init__(self, session_id: int, *, has_topic_ids: bool, is_follower: bool, now_ms: int) -> None:
        self.session_id = session_id
        self.has_topic_ids = has_topic_ids
        self.is_follower = is_follower
        self.created_ms = self.used_ms = now_ms
        self.epoch = 1
        self.cached: dict[Key, _Cached] = {}

    def update(self, partitions: dict[Key, Wanted], forgotten: Iterable[Key]) -> None:
        """Take what a Fetch names."""
        for key, wanted in partitions.items():
            known = self.cached.get(key)
            if known is None:
                self.cached[key] = _Cached(wanted)
            else:
                known.wanted = wanted._replace(topic=known.wanted.topic or wanted.topic)
        for key in forgotten:
            self.cached.pop(key, None)


class _Full(FetchContext):
    """A Fetch that begins a session."""

    def __init__(
        self, sessions: FetchSessions, partitions: dict[Key, Wanted], *, has_topic_ids: bool, is_follower: bool
    ) -> None:
        super().__init__(partitions)
        self._sessions = sessions
        self._has_topic_ids = has_topic_ids
        self._is_follower = is_follower

    def told(self, found: Found) -> Told:
        session = self._sessions.begin(len(found), has_topic_ids=self._has_topic_ids, is_follower=self._is_follower)
        if session is None:
            return Told(Code.NONE, NO_SESSION, found)
        for key, response in found.items():
            cached = session.cached[key] = _Cached(self.partitions[key])
            # Whatever it is, the first answer tells it; an error does not make the next one special.
            cached.high_watermark, cached.log_start_offset = response.high_watermark, response.log_start_offset
        return Told(Code.NONE, session.session_id, found)


class _Incremental(FetchContext):
    """A Fetch within a session."""

    def __init__(self, session: FetchSession) -> None:
        super().__init__({key: cached.wanted for key, cached in session.cached.items()})
        self._session = session
        self._epoch = session.epoch

    def news(self, found: Found) -> Found:
        cached = self._session.cached
        return {key: response for key, response in found.items() if cached[key].is_news(response)}

    def told_to_wait(self) -> Told:
        session = self._session
        code = Code.NONE if session.epoch == self._epoch else Code.INVALID_FETCH_SESSION_EPOCH
        return Told(code, session.session_id, {})

    def told(self, found: Found) -> Told:
        session = self._session
        if session.epoch != self._epoch:
            # Another Fetch of the session came by another connection meanwhile.
            return Told(Code.INVALID_FETCH_SESSION_EPOCH, session.session_id, {})
        news: Found = {}
        for key, response in found.items():
            cached = session.cached[key]
            if cached.learn(response):
                news[key] = response
                if response.records:
                    session.cached[key] = session.cached.pop(key)
        return Told(Code.NONE, session.session_id, news)


class FetchSessions:
    """Every session of one life of a broker."""

    def __init__(self, world: World, broker_id: int, *, slots: int) -> None:
        """`slots` is max.incremental.fetch.session.cache.slots."""
        self._world = world
        self._chance = f"fetch sessions/b{broker_id}"
        self._slots = slots // _SHARDS
        self._shards: tuple[dict[int, FetchSession], ...] = tuple({} for _ in range(_SHARDS))
        self._turn = 0
        self.now_ms = 0
        """What the broker's clock shows; set before each Fetch."""

    def context(
        self,
        session_id: int,
        epoch: int,
        partitions: dict[Key, Wanted],
        forgotten: Iterable[Key],
        *,
        has_topic_ids: bool,
        is_follower: bool,
    ) -> FetchContext:
        """Find out what a Fetch wants."""
        shard = self._shards[min(max(session_id, 0) // _SHARD_IDS, _SHARDS - 1)]
        if epoch in {_BEGIN, _FINAL}:
            # Either way the session that it names is over.
            shard.pop(session_id, None)
            if epoch == _FINAL:
                return FetchContext(partitions)
            return _Full(self, partitions, has_topic_ids=has_topic_ids, is_follower=is_follower)
        session = shard.get(session_id)
        if session is None:
            return _Refused(Code.FETCH_SESSION_ID_NOT_FOUND)
        if session.epoch != epoch:
            return _Refused(Code.INVALID_FETCH_SESSION_EPOCH)
        if session.has_topic_ids != has_topic_ids:
            return _Refused(Code.FETCH_SESSION_TOPIC_ID_ERROR)
        session.update(partitions, forgotten)
        if not session.cached:
            session.epoch = _FINAL
            del shard[session_id]
            return FetchContext(partitions)
        session.epoch = 1 if epoch == _EPOCH_MAX else epoch + 1
        session.used_ms = self.now_ms
        return _Incremental(session)

    def begin(self, size: int, *, has_topic_ids: bool, is_follower: bool) -> FetchSession | None:
        """Begin a session for that many partitions; None if there is no room, and nobody who has to make room for it."""
        number = self._turn % _SHARDS
        self._turn += 1
        shard = self._shards[number]
        if len(shard) >= self._slots and not self._evict(shard, size, is_follower=is_follower):
            return None
        session_id = self._new_id(number, shard)
        session = FetchSession(session_id, has_topic_ids=has_topic_ids, is_follower=is_follower, now_ms=self.now_ms)
        shard[session_id] = session
        return session

    def _new_id(self, number: int, shard: dict[int, FetchSession]) -> int:
        lowest, chance = max(1, number * _SHARD_IDS), self._world.chance(self._chance)
        while True:
            session_id = lowest + chance.bits() % ((number + 1) * _SHARD_IDS - lowest)
            if session_id not in shard:
                return session_id

    def _evict(self, shard: dict[int, FetchSession], size: int, *, is_follower: bool) -> bool:
        """Let one session go if it is stale, or of less worth than the one that wants its place (tryEvict)."""
        if not shard:
            return False
        now_ms = self.now_ms
        stalest = min(shard.values(), key=lambda one: (one.used_ms, one.session_id))
        if now_ms - stalest.used_ms > _EVICTION_MS:
            del shard[stalest.session_id]
            return True
        least = min(
            (one for one in shard.values() if self._is_evictable(one, is_follower=is_follower)),
            key=_worth,
            default=None,
        )
        if least is None or (is_follower, size, 0) < _worth(least):
            return False
        del shard[least.session_id]
        return True

    def _is_evictable(self, session: FetchSession, *, is_follower: bool) -> bool:
        return self.now_ms - session.created_ms > _EVICTION_MS or (is_follower and not session.is_follower)


def _worth(session: FetchSession) -> tuple[bool, int, int]:
    return session.is_follower, len(session.cached), session.session_id
