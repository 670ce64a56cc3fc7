"""Poison at a reader: it is named by topic, partition and offset, and goes where the policy sends it."""

from typing import Any

import pytest

from producer.dead_letters import (
    Action,
    DeadLetterLostError,
    DeadLetterPolicy,
    DeadLetterReader,
    Failure,
    UnreadableRecordError,
    read,
    revive,
)
from producer.errors import SchemaRegistryError, UsageError
from producer.records import Record
from producer.serialization.plain import PLAIN
from sim.clients.consumer import ConsumedRecord
from tests.unit.producer.dead_letters.desk import Desk, refusal

GOOD = ConsumedRecord("orders", 2, 7, 1_000, b"k", b"\0\0\0\5", ())
POISON = GOOD._replace(offset=8, value=b"five", headers=(("h", b"1"),))
LONG = POISON._replace(value=b"fives")


def number(record: Any) -> int:
    return int(PLAIN["integer"].deserialize(record.topic, [], record.value))


def test_poison_is_named_and_its_letter_says_where_it_lies() -> None:
    desk = Desk(lambda _record: None)
    reader = DeadLetterReader(number, dead_letters_to=desk)

    assert reader.read(GOOD) == 5
    assert desk.sent == []
    found = reader.read(LONG)

    assert isinstance(found, UnreadableRecordError)
    assert str(found) == "orders-2 at offset 8 is unreadable: 5 bytes b'fives': must be 4 bytes"
    (letter,) = desk.sent
    assert (letter.topic, letter.key, letter.value, letter.headers[0]) == ("orders.dead", b"k", b"fives", ("h", b"1"))
    told = read(letter.headers)
    assert told is not None
    assert (told.topic, told.partition, told.offset, told.outcome, told.timestamp_ms) == (
        "orders",
        2,
        8,
        "unreadable",
        1_000,
    )
    assert told.error_class == "producer.dead_letters.failures.UnreadableRecordError"
    assert revive(letter.key, letter.value, letter.headers).value == b"fives"


@pytest.mark.parametrize(
    "policy", [DeadLetterPolicy(Action.RAISE), DeadLetterPolicy(counts=frozenset((Failure.REFUSED,)))]
)
def test_a_policy_that_raises_or_does_not_count_it_stops_the_reader(policy: DeadLetterPolicy) -> None:
    desk = Desk(lambda _record: None)
    with pytest.raises(UnreadableRecordError, match="orders-2 at offset 8"):
        DeadLetterReader(number, policy, dead_letters_to=desk).read(LONG)

    assert desk.sent == []


def test_a_policy_that_calls_is_told_and_reading_goes_on() -> None:
    called: list[tuple[Record, Any]] = []
    reader = DeadLetterReader(number, DeadLetterPolicy(Action.CALL, callback=lambda *told: called.append(told)))

    found = reader.read(LONG)

    assert called == [(Record("orders", b"fives", b"k", 2, (("h", b"1"),), 1_000), found)]


def test_a_letter_that_is_lost_stops_the_reader() -> None:
    lost: list[Any] = []
    policy = DeadLetterPolicy(on_lost=lambda _record, error: lost.append(error))
    reader = DeadLetterReader(number, policy, dead_letters_to=Desk(lambda _record: refusal(87)))

    with pytest.raises(
        DeadLetterLostError, match=r"orders-2 at offset 8 is unreadable.*the dead letter failed too"
    ) as raised:
        reader.read(LONG)

    assert lost == [raised.value]


@pytest.mark.parametrize("status, is_poison", [(404, True), (0, False), (503, False)])
def test_a_registry_that_cannot_be_asked_makes_no_poison(status: int, is_poison: bool) -> None:
    def ask(_record: Any) -> int:
        raise SchemaRegistryError("GET /schemas/ids/9", status=status, detail="no")

    reader = DeadLetterReader(ask, dead_letters_to=Desk(lambda _record: None))
    if is_poison:
        assert isinstance(reader.read(GOOD), UnreadableRecordError)
    else:
        with pytest.raises(SchemaRegistryError):
            reader.read(GOOD)


def test_a_way_for_dead_letters_is_asked_for() -> None:
    with pytest.raises(UsageError, match="dead_letters_to must be a producer"):
        DeadLetterReader(number)
