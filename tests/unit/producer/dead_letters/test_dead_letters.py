"""Dead letters: which failures count (a table), what their headers say, and that no record is lost, looped or told twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.dead_letters import (
    COUNTS,
    MAY_COUNT,
    PREFIX,
    Action,
    DeadLetteredError,
    DeadLetterLostError,
    DeadLetterPolicy,
    DeadLetterProducer,
    Failure,
    SerializationError,
    classify,
    dead_letter,
    read,
    revive,
)
from producer.drivers.future import SendFuture
from producer.errors import (
    ERRORS,
    BufferExhaustedError,
    Code,
    ConfigError,
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    ProducerError,
    PurgedError,
    RecordTooLargeError,
    SendError,
    UsageError,
)
from producer.records import Record, RecordMetadata, TopicPartition

PLACE = TopicPartition("orders", 3)
WAIT_S = 10


def refusal(code: int, outcome: Outcome = Outcome.FAILED, kind: type[SendError] = SendError) -> SendError:
    return kind(PLACE, ERRORS[code], outcome, "the broker's words")


class Desk:
    """A producer that ends each record as the test says, on a thread of its own, as a real one does."""

    def __init__(self, verdict: Callable[[Record], ProducerError | None]) -> None:
        self.verdict = verdict
        self.sent: list[Record] = []
        self.is_closed = False
        self.threads: list[threading.Thread] = []

    def send_record(self, record: Record, on_delivery: Any = None) -> SendFuture:
        if self.is_closed:
            raise ProducerClosedError("closed")
        error = self.verdict(record)
        if error is not None and not isinstance(error, SendError):
            raise error
        self.sent.append(record)
        future = SendFuture(on_delivery)
        told = error if error is not None else RecordMetadata(record.topic, 0, len(self.sent) - 1, 1, 1, 1)
        thread = threading.Thread(target=future.settle, args=(told,))
        thread.start()
        self.threads.append(thread)
        return future

    def flush(self, timeout_s: float | None = None) -> None:
        for thread in self.threads:
            thread.join(timeout_s)

    def close(self, timeout_s: float | None = None) -> None:
        self.is_closed = True
        self.flush()


def only_orders(error: ProducerError) -> Callable[[Record], ProducerError | None]:
    return lambda record: error if record.topic == "orders" else None


CLASSES: list[tuple[ProducerError, Failure]] = [
    (refusal(Code.INVALID_RECORD), Failure.REFUSED),
    (refusal(Code.TOPIC_AUTHORIZATION_FAILED), Failure.REFUSED),
    (refusal(Code.POLICY_VIOLATION), Failure.REFUSED),
    (refusal(Code.INVALID_TIMESTAMP), Failure.REFUSED),
    (refusal(Code.UNKNOWN_SERVER_ERROR, Outcome.UNKNOWN), Failure.REFUSED),
    (refusal(Code.MESSAGE_TOO_LARGE), Failure.TOO_LARGE),
    (refusal(Code.RECORD_LIST_TOO_LARGE), Failure.TOO_LARGE),
    (RecordTooLargeError("too large"), Failure.TOO_LARGE),
    (SerializationError("no bytes"), Failure.UNSERIALISABLE),
    (refusal(Code.NOT_ENOUGH_REPLICAS), Failure.EXHAUSTED),
    (refusal(Code.NETWORK_EXCEPTION, Outcome.UNKNOWN), Failure.EXHAUSTED),
    (refusal(Code.REQUEST_TIMED_OUT, Outcome.UNKNOWN, DeliveryTimeoutError), Failure.EXHAUSTED),
    (refusal(Code.PRODUCER_FENCED), Failure.PRODUCER_FATAL),
    (refusal(Code.CLUSTER_AUTHORIZATION_FAILED), Failure.PRODUCER_FATAL),
    (MetadataTimeoutError("in vain"), Failure.NOT_ACCEPTED),
    (BufferExhaustedError("in vain"), Failure.NOT_ACCEPTED),
    (refusal(Code.OPERATION_NOT_ATTEMPTED, Outcome.FAILED, PurgedError), Failure.PURGED),
    (ProducerClosedError("closed"), Failure.MISUSE),
    (ConfigError("wrong"), Failure.MISUSE),
    (UsageError("wrong"), Failure.MISUSE),
]


@pytest.mark.parametrize(("error", "failure"), CLASSES, ids=lambda one: str(one) if isinstance(one, Failure) else "")
def test_every_failure_has_its_class(error: ProducerError, failure: Failure) -> None:
    assert classify(error) is failure


def test_the_classes_are_all_in_the_table() -> None:
    assert {failure for _, failure in CLASSES} == set(Failure) == set(COUNTS)
    assert {failure for failure, counts in COUNTS.items() if counts} == {Failure.REFUSED, Failure.TOO_LARGE}


# -- routing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "failure"), CLASSES, ids=lambda one: str(one) if isinstance(one, Failure) else "")
@pytest.mark.parametrize("asks", [False, True], ids=["by default", "asked for all"])
def test_a_failure_is_routed_if_it_counts_and_told_as_it_is_if_not(
    error: ProducerError, failure: Failure, asks: bool
) -> None:
    desk = Desk(only_orders(error))
    policy = DeadLetterPolicy(counts=MAY_COUNT) if asks else DeadLetterPolicy()
    producer = DeadLetterProducer(desk, policy)

    with pytest.raises(ProducerError) as caught:
        producer.send("orders", b"v", key=b"k").result(WAIT_S)
    producer.close()

    dead = [record for record in desk.sent if record.topic == "orders.dead"]
    if failure in policy.counts:
        assert isinstance(caught.value, DeadLetteredError)
        assert caught.value.cause is error
        assert caught.value.metadata.topic == "orders.dead"
        assert [record.key for record in dead] == [b"k"]
    else:
        assert caught.value is error
        assert dead == []


def test_the_headers_name_cause_origin_attempt_and_time() -> None:
    desk = Desk(only_orders(refusal(Code.INVALID_RECORD)))
    with DeadLetterProducer(desk) as producer:
        producer.send("orders", b"v", key=b"k", headers=[("own", b"1")], timestamp_ms=1_700_000_000_000)

    letter = desk.sent[-1]
    told = read(letter.headers)

    assert (letter.topic, letter.key, letter.value, letter.partition) == ("orders.dead", b"k", b"v", None)
    assert letter.timestamp_ms == 1_700_000_000_000
    assert letter.headers[0] == ("own", b"1")
    assert told is not None
    assert told[:10] == (
        87, "INVALID_RECORD", "producer.errors.SendError",
        "orders-3: INVALID_RECORD (87), not written: the broker's words", "failed", "orders", 3, 1_700_000_000_000, 1,
        told.failed_at_ms,
    )  # fmt: skip
    assert told.failed_at_ms > 1_700_000_000_000


def test_an_unknown_outcome_stays_unknown_in_the_dead_letter() -> None:
    letter = dead_letter(
        Record("orders", b"v"), refusal(Code.UNKNOWN_SERVER_ERROR, Outcome.UNKNOWN), to="dead", failed_at_ms=1
    )

    told = read(letter.headers)

    assert told is not None
    assert told.outcome == "unknown"


def test_a_value_that_is_too_large_leaves_its_size_and_sum_and_is_no_tombstone() -> None:
    letter = dead_letter(Record("orders", bytes(5_000)), RecordTooLargeError("too large"), to="dead", failed_at_ms=1)

    told = read(letter.headers)

    assert letter.value == b""
    assert told is not None
    assert (told.value_omitted, told.value_bytes, len(told.value_sha256)) == (True, 5_000, 64)
    with pytest.raises(UsageError, match="5000 bytes was too large"):
        revive(letter.key, letter.value, letter.headers)


def test_a_replayed_letter_that_fails_again_counts_its_attempts_and_piles_up_no_headers() -> None:
    record = Record("orders", b"v", b"k", headers=(("own", b"1"),))
    error = refusal(Code.INVALID_RECORD)

    for attempt in range(1, 4):
        letter = dead_letter(record, error, to="dead", failed_at_ms=attempt)
        told = read(letter.headers)
        assert told is not None
        assert told.attempt == attempt
        assert len(letter.headers) == len({name for name, _ in letter.headers})
        record = revive(letter.key, letter.value, letter.headers)
        assert record.topic == "orders"
        assert record.headers == (("own", b"1"), (PREFIX + "attempt", b"%d" % attempt))


headers = st.lists(
    st.tuples(st.text(max_size=8).filter(lambda name: not name.startswith(PREFIX)), st.none() | st.binary(max_size=8)),
    max_size=4,
)


@given(
    topic=st.text(min_size=1, max_size=20), value=st.none() | st.binary(max_size=40),
    key=st.none() | st.binary(max_size=10), own=headers, timestamp_ms=st.none() | st.integers(0, 2**40),
    code=st.sampled_from([code for code in Code if not ERRORS[code].retriable and code not in {0, 10, 18}]),
)  # fmt: skip
def test_a_dead_letter_revives_to_the_record_it_was(
    topic: str, value: bytes | None, key: bytes | None, own: Any, timestamp_ms: int | None, code: Code
) -> None:
    record = Record(topic, value, key, None, tuple(own), timestamp_ms)

    letter = dead_letter(record, refusal(code), to="dead", failed_at_ms=5)
    again = revive(letter.key, letter.value, letter.headers)

    assert again._replace(headers=again.headers[:-1]) == record
    told = read(letter.headers)
    assert told is not None
    assert (told.error_code, told.error_name, told.topic, told.partition) == (code, code.name, topic, 3)


@given(st.lists(st.tuples(st.sampled_from(["error.code", "topic", "attempt", "partition", "outcome"]),
                          st.none() | st.binary(max_size=6))))  # fmt: skip
def test_headers_of_a_stranger_are_read_or_refused_but_never_crash(said: list[tuple[str, bytes | None]]) -> None:
    given_headers = [(PREFIX + name, value) for name, value in said]

    told = read(given_headers)

    assert (told is None) == all(name != "topic" or value is None for name, value in said)


def test_a_plain_record_is_no_dead_letter() -> None:
    assert read([("own", b"1")]) is None
    with pytest.raises(UsageError, match="no dead letter"):
        revive(b"k", b"v", [])


def test_a_dead_letter_that_fails_is_reported_and_makes_no_further_one() -> None:
    desk = Desk(lambda _record: refusal(Code.INVALID_RECORD))
    lost: list[Any] = []
    policy = DeadLetterPolicy(on_lost=lambda record, error: lost.append((record, error)))
    producer = DeadLetterProducer(desk, policy)

    future = producer.send("orders", b"v")
    with pytest.raises(DeadLetterLostError) as caught:
        future.result(WAIT_S)
    producer.close()

    assert [record.topic for record in desk.sent] == ["orders", "orders.dead"]
    assert isinstance(caught.value.cause, SendError)
    assert isinstance(caught.value.dead_letter_error, SendError)
    assert lost == [(Record("orders", b"v"), caught.value)]


def test_a_dead_letter_topic_that_cannot_be_named_is_reported_too() -> None:
    def name(topic: str) -> str:
        raise ValueError("planted")

    with DeadLetterProducer(Desk(only_orders(refusal(87))), DeadLetterPolicy(topic=name)) as producer:
        future = producer.send("orders", b"v")

    assert isinstance(future.exception(WAIT_S), DeadLetterLostError)


def test_letters_leave_in_the_order_of_failing_and_every_future_ends_once() -> None:
    desk = Desk(lambda record: RecordTooLargeError("too large") if record.topic == "orders" else None)
    ended: list[Any] = []
    with DeadLetterProducer(desk) as producer:
        for index in range(200):
            producer.send("orders", b"v", key=b"%d" % index, on_delivery=lambda *told: ended.append(told))
        producer.flush(WAIT_S)
        assert len(ended) == 200

    assert [record.key for record in desk.sent] == [b"%d" % index for index in range(200)]
    assert all(metadata is None and isinstance(error, DeadLetteredError) for metadata, error in ended)


def test_more_letters_than_may_wait_are_reported_as_lost() -> None:
    gate = threading.Event()

    def verdict(record: Record) -> ProducerError | None:
        if record.topic == "orders":
            return RecordTooLargeError("too large")
        gate.wait(WAIT_S)
        return None

    producer = DeadLetterProducer(Desk(verdict), DeadLetterPolicy(waiting_max=2))
    futures = [producer.send("orders", b"v") for _ in range(6)]
    gate.set()
    producer.close()

    kinds = [type(future.exception(WAIT_S)) for future in futures]
    assert set(kinds) == {DeadLetteredError, DeadLetterLostError}
    assert kinds.count(DeadLetteredError) in {2, 3}  # the worker may already hold one


def test_letters_may_go_to_another_producer_which_is_not_closed() -> None:
    desk, other = Desk(only_orders(refusal(87))), Desk(lambda _record: None)

    with DeadLetterProducer(desk, dead_letters_to=other) as producer:
        producer.send("orders", b"v")

    assert [record.topic for record in other.sent] == ["orders.dead"]
    assert (desk.is_closed, other.is_closed) == (True, False)


# -- the other actions -------------------------------------------------------------------------------------------------


def test_raise_leaves_everything_as_it_is() -> None:
    desk = Desk(only_orders(refusal(87)))
    with DeadLetterProducer(desk, DeadLetterPolicy(Action.RAISE)) as producer:
        future = producer.send("orders", b"v")
        with pytest.raises(SendError):
            future.result(WAIT_S)
        desk.verdict = lambda _record: RecordTooLargeError("too large")
        with pytest.raises(RecordTooLargeError):
            producer.send("orders", b"v")

    assert [record.topic for record in desk.sent] == ["orders"]


@pytest.mark.parametrize("fails", [False, True])
def test_call_tells_the_callback_and_then_the_future(fails: bool) -> None:
    called: list[Any] = []

    def callback(record: Record, error: ProducerError) -> None:
        called.append((record.value, error))
        if fails:
            raise ValueError("the application's own")

    error = refusal(87)
    with DeadLetterProducer(Desk(only_orders(error)), DeadLetterPolicy(Action.CALL, callback=callback)) as producer:
        future = producer.send("orders", b"v")

    assert future.exception(WAIT_S) is error
    assert called == [(b"v", error)]


def test_a_record_that_is_delivered_meets_no_policy() -> None:
    desk = Desk(lambda _record: None)
    with DeadLetterProducer(desk) as producer:
        assert producer.send("orders", b"v").result(WAIT_S).offset == 0

    assert len(desk.sent) == 1


# -- serialisation -----------------------------------------------------------------------------------------------------


def test_what_cannot_be_serialised_is_raised_by_default_and_routed_if_asked_for() -> None:
    desk = Desk(lambda _record: None)
    with DeadLetterProducer(desk, key_serializer=str.encode, value_serializer=str.encode) as producer:
        assert producer.send("orders", "text", key="k").result(WAIT_S).offset == 0
        with pytest.raises(SerializationError, match="the value could not be serialised: TypeError"):
            producer.send("orders", 5, key="k")
    assert desk.sent == [Record("orders", b"text", b"k")]

    desk = Desk(lambda _record: None)
    policy = DeadLetterPolicy(counts=frozenset((Failure.UNSERIALISABLE,)))
    with DeadLetterProducer(desk, policy, key_serializer=str.encode, value_serializer=str.encode) as producer:
        future = producer.send("orders", {"a": 5}, key="k")

    assert isinstance(future.exception(WAIT_S), DeadLetteredError)
    (letter,) = desk.sent
    assert (letter.key, letter.value) == (b"k", b"{'a': 5}")


# -- the policy itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_policy", "message"),
    [
        ({"counts": frozenset((Failure.PURGED,))}, "counts has PURGED"),
        ({"action": Action.CALL}, "a callback must be given"),
        ({"waiting_max": 0}, "waiting_max is 0"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(given_policy: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DeadLetterPolicy(**given_policy)


def test_the_topic_is_a_template_or_a_function() -> None:
    assert DeadLetterPolicy().topic_for("orders") == "orders.dead"
    assert DeadLetterPolicy(topic="graveyard").topic_for("orders") == "graveyard"
    assert DeadLetterPolicy(topic=str.upper).topic_for("orders") == "ORDERS"
