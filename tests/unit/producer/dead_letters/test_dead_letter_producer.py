"""Dead letters: no record is lost, looped or told twice, whatever the policy does with it."""

import threading
from typing import Any

import pytest

from producer.dead_letters import (
    MAY_COUNT,
    Action,
    DeadLetteredError,
    DeadLetterLostError,
    DeadLetterPolicy,
    DeadLetterProducer,
    Failure,
    SerializationError,
)
from producer.errors import Code, ProducerError, RecordTooLargeError, SendError
from producer.records import Record
from tests.unit.producer.dead_letters.desk import CLASSES, WAIT_S, Desk, only_orders, refusal


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


# -- what an application does in its functions ------------------------------------------------------------------------


def test_a_good_value_is_never_asked_how_it_looks() -> None:
    class Shy(str):
        __slots__ = ()

        def __repr__(self) -> str:
            raise AssertionError("nobody needs to see it")

    desk = Desk(lambda _record: None)
    with DeadLetterProducer(desk, key_serializer=str.encode, value_serializer=str.encode) as producer:
        producer.send("orders", Shy("v"), key=Shy("k")).result(WAIT_S)

    assert desk.sent == [Record("orders", b"v", b"k")]


def test_a_value_that_can_neither_be_serialised_nor_looked_at_makes_a_dead_letter_all_the_same() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("planted")

    desk = Desk(lambda _record: None)
    policy = DeadLetterPolicy(counts=frozenset((Failure.UNSERIALISABLE,)))
    with DeadLetterProducer(desk, policy, value_serializer=bytes.fromhex) as producer:
        for value in (Odd(), "\udcff"):
            assert isinstance(producer.send("orders", value).exception(WAIT_S), DeadLetteredError)

    assert [letter.value for letter in desk.sent] == [b"<Odd, whose repr fails>", rb"'\udcff'"]


def leave(*_given: object) -> Any:
    raise SystemExit(3)


@pytest.mark.parametrize("function", ["topic", "on_lost", "on_delivery"])
@pytest.mark.parametrize("refused_letters", [False, True])
def test_a_function_that_exits_costs_only_its_own_call(function: str, refused_letters: bool) -> None:
    """Whichever it is: the letters behind it leave, and every future is told."""
    told: list[str] = []

    def sometimes(topic: str) -> Any:
        return leave() if topic == "orders-0" and function == "topic" else "dead"

    def verdict(record: Record) -> ProducerError | None:
        return RecordTooLargeError("too large") if record.topic != "dead" or refused_letters else None

    policy = DeadLetterPolicy(topic=sometimes, on_lost=leave if function == "on_lost" else None)
    on_delivery = leave if function == "on_delivery" else lambda *_given: told.append("told")
    producer = DeadLetterProducer(Desk(verdict), policy)
    futures = [producer.send(f"orders-{index}", b"v", on_delivery=on_delivery) for index in range(5)]
    kinds = [type(future.exception(WAIT_S)) for future in futures]
    producer.close()

    assert kinds[1:] == [DeadLetterLostError if refused_letters else DeadLetteredError] * 4
    assert kinds[0] is (DeadLetterLostError if refused_letters or function == "topic" else DeadLetteredError)
    assert len(told) == (0 if function == "on_delivery" else 5)


def test_a_callback_of_the_policy_that_exits_leaves_no_future_without_its_end() -> None:
    error = RecordTooLargeError("too large")
    heard: list[Any] = []
    policy = DeadLetterPolicy(Action.CALL, callback=leave)

    with DeadLetterProducer(Desk(only_orders(error)), policy) as producer:
        with pytest.raises(SystemExit):
            producer.send("orders", b"v", on_delivery=lambda *given: heard.append(given))
        assert producer.send("others", b"v").result(WAIT_S).topic == "others"

    assert heard == [(None, error)]
