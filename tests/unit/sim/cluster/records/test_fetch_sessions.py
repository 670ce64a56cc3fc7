"""Fetch sessions (KIP-227): what is told, what is checked, and who has to make room."""

from producer.error_codes import Code
from producer.wire.messages.fetch import FetchPartition, FetchPartitionResponse
from sim.cluster.broker.fetch_sessions import FetchContext, FetchSessions, Key, Told, Wanted
from sim.world.kernel import World

NOTHING: dict[Key, Wanted] = {}


def wanted(*numbers: int, offset: int = 0) -> dict[Key, Wanted]:
    keys: list[Key] = [("orders", b"", number) for number in numbers]
    return {key: Wanted(key, "orders", FetchPartition(key[2], fetch_offset=offset)) for key in keys}


def given(number: int, records: bytes = b"", *, high_watermark: int = 0, code: int = 0) -> FetchPartitionResponse:
    return FetchPartitionResponse(number, code, high_watermark, high_watermark, 0, records=records)


class Cache:
    def __init__(self, slots: int = 1_000) -> None:
        self.sessions = FetchSessions(World(seed=1), 1, slots=slots)

    def context(
        self,
        session_id: int,
        epoch: int,
        partitions: dict[Key, Wanted],
        *,
        is_follower: bool = False,
        ids: bool = False,
    ) -> FetchContext:
        return self.sessions.context(session_id, epoch, partitions, (), has_topic_ids=ids, is_follower=is_follower)

    def begin(self, *numbers: int, is_follower: bool = False) -> int:
        context = self.context(0, 0, wanted(*numbers), is_follower=is_follower)
        return context.told({key: given(key[2]) for key in context.partitions}).session_id


def told(context: FetchContext, *responses: FetchPartitionResponse) -> Told:
    return context.told({("orders", b"", one.partition_index): one for one in responses})


def test_only_what_changed_is_told_and_an_error_each_time() -> None:
    cache = Cache()
    session_id = cache.begin(0, 1, 2)

    first = told(cache.context(session_id, 1, NOTHING), given(0), given(1, b"x"), given(2, code=3))
    second = told(cache.context(session_id, 2, NOTHING), given(0, high_watermark=5), given(1), given(2, code=3))
    third = told(cache.context(session_id, 3, NOTHING), given(0, high_watermark=5), given(1), given(2))

    assert [key[2] for key in first.found] == [1, 2]
    assert [key[2] for key in second.found] == [0, 2]
    assert [key[2] for key in third.found] == [2], "that it is over is news as well"


def test_who_gave_something_last_is_read_last() -> None:
    cache = Cache()
    session_id = cache.begin(0, 1)

    told(cache.context(session_id, 1, NOTHING), given(0, b"x"), given(1))

    assert [key[2] for key in cache.context(session_id, 2, NOTHING).partitions] == [1, 0]


def test_epochs_and_kinds_of_names_are_checked() -> None:
    cache = Cache()
    session_id = cache.begin(0)

    assert cache.context(session_id, 2, NOTHING).code == Code.INVALID_FETCH_SESSION_EPOCH
    assert cache.context(session_id + 1, 1, NOTHING).code == Code.FETCH_SESSION_ID_NOT_FOUND
    assert cache.context(session_id, 1, NOTHING, ids=True).code == Code.FETCH_SESSION_TOPIC_ID_ERROR
    assert cache.context(session_id, 1, NOTHING).code == Code.NONE
    assert cache.context(session_id, -1, wanted(0)).code == Code.NONE
    assert cache.context(session_id, 2, NOTHING).code == Code.FETCH_SESSION_ID_NOT_FOUND


def test_of_two_fetches_of_one_session_that_overtake_each_other_the_older_is_refused() -> None:
    cache = Cache()
    session_id = cache.begin(0)
    older = cache.context(session_id, 1, NOTHING)

    cache.context(session_id, 2, NOTHING)

    assert told(older, given(0, b"x")) == (Code.INVALID_FETCH_SESSION_EPOCH, session_id, {})


def test_a_session_that_loses_its_last_partition_is_over() -> None:
    cache = Cache()
    session_id = cache.begin(0)

    context = cache.sessions.context(
        session_id, 1, NOTHING, [("orders", b"", 0)], has_topic_ids=False, is_follower=False
    )

    assert told(context).session_id == 0
    assert cache.context(session_id, 2, wanted(0)).code == Code.FETCH_SESSION_ID_NOT_FOUND


def test_without_room_a_fetch_has_no_session_until_another_is_stale() -> None:
    cache = Cache(slots=8)
    first = [cache.begin(0) for _ in range(8)]

    assert 0 not in first
    assert cache.begin(0) == 0
    cache.sessions.now_ms = 120_001
    assert cache.begin(0) > 0


def test_a_follower_makes_room_for_itself_and_a_larger_session_only_in_place_of_an_old_one() -> None:
    cache = Cache(slots=8)
    for _ in range(8):
        cache.begin(0)

    assert cache.begin(0, 1) == 0
    assert cache.begin(0, is_follower=True) > 0
    for session in [one for shard in cache.sessions._shards for one in shard.values()]:
        session.created_ms = -200_000
    assert cache.begin(0, 1) > 0
