"""Both sides of a fetch session agree on what is fetched, whatever is lost or forgotten on the way (KIP-227)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.fetch import FetchPartition
from sim.clients.consumer.sessions import EPOCH_MAX, Change, FetchSession, Wanted

PARTITIONS = [TopicPartition(topic, index) for topic in ("a", "b") for index in range(2)]


def wanted(offsets: dict[TopicPartition, int], topic_id: bytes = b"1") -> dict[TopicPartition, Wanted]:
    return {
        partition: Wanted(topic_id, FetchPartition(partition.partition, fetch_offset=offset))
        for partition, offset in offsets.items()
    }


class Broker:
    """The other half, as kafka.server.FetchManager: what it remembers, and the epoch that it expects next."""

    def __init__(self) -> None:
        self.sessions: dict[int, tuple[int, dict[TopicPartition, Wanted]]] = {}
        self.made = 0

    def take(self, change: Change) -> tuple[int, int, dict[TopicPartition, Wanted]]:
        """Give an error or 0, the session's id, and what is fetched."""
        if change.epoch in (-1, 0):
            self.sessions.pop(change.session_id, None)
            if change.epoch == -1:
                return 0, 0, change.wanted
            self.made += 1
            self.sessions[self.made] = 1, dict(change.wanted)
            return 0, self.made, change.wanted
        session = self.sessions.get(change.session_id)
        if session is None:
            return Code.FETCH_SESSION_ID_NOT_FOUND, 0, {}
        expected, partitions = session
        if change.epoch != expected:
            return Code.INVALID_FETCH_SESSION_EPOCH, 0, {}
        for partition, topic_id in change.forgotten.items():
            if partitions[partition].topic_id == topic_id:
                del partitions[partition]
        partitions |= change.wanted
        self.sessions[change.session_id] = expected + 1, partitions
        return 0, change.session_id, partitions


rounds = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(PARTITIONS), st.integers(0, 3), min_size=1),
        st.sampled_from([b"1", b"2"]),
        st.sampled_from(["answered", "answered", "answered", "request lost", "answer lost", "evicted"]),
    ),
    max_size=20,
)


@given(rounds=rounds, is_wanted=st.booleans())
@settings(max_examples=200)
def test_what_a_broker_fetches_is_what_is_wanted(
    rounds: list[tuple[dict[TopicPartition, int], bytes, str]], is_wanted: bool
) -> None:
    broker, session = Broker(), FetchSession(is_wanted=is_wanted)
    refusals = 0
    for offsets, topic_id, what in rounds:
        if what == "evicted":
            broker.sessions.clear()
        asked = wanted(offsets, topic_id)
        change = session.change_to(asked)
        if what == "request lost":
            session.broke_off()
            continue
        error, session_id, fetched = broker.take(change)
        if what == "answer lost":
            session.broke_off()
        elif error:
            refusals += 1
            session.refused(error)
            assert not session.is_under_way, "all is said again"
        else:
            assert fetched == asked
            assert session.answered(session_id, list(fetched))

    assert refusals <= sum(what == "evicted" for _, _, what in rounds), "no other step is ever lost"
    assert is_wanted or not broker.sessions


def test_only_what_changed_is_said() -> None:
    session = FetchSession(is_wanted=True)
    a, b = PARTITIONS[0], PARTITIONS[1]
    session.change_to(wanted({a: 0, b: 0}))
    session.answered(9, [a, b])

    change = session.change_to(wanted({a: 5}))

    assert change == Change(9, 1, wanted({a: 5}), {b: b"1"})


def test_behind_the_last_epoch_comes_one() -> None:
    session = FetchSession(is_wanted=True)
    session.change_to({})
    session.answered(9, [])
    session._epoch = EPOCH_MAX

    session.answered(9, [])

    assert session.change_to({}).epoch == 1


def test_an_answer_about_what_nobody_asked_for_ends_the_session() -> None:
    session = FetchSession(is_wanted=True)
    session.change_to(wanted({PARTITIONS[0]: 0}))
    session.answered(9, [PARTITIONS[0]])

    session.change_to(wanted({PARTITIONS[0]: 1}))
    assert not session.answered(9, [PARTITIONS[3]])

    assert session.change_to(wanted({PARTITIONS[0]: 1})) == Change(9, 0, wanted({PARTITIONS[0]: 1}), {})


def test_a_broker_that_makes_no_session_is_told_everything_each_time() -> None:
    session = FetchSession(is_wanted=True)
    for offset in range(3):
        asked = wanted({PARTITIONS[0]: offset})
        assert session.change_to(asked) == Change(0, 0, asked, {})
        session.answered(0, [PARTITIONS[0]])
