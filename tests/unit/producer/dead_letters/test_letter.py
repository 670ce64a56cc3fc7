"""What a dead letter's headers say of cause, origin and attempt, and the record that it revives to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.dead_letters import PREFIX, DeadLetterProducer, SerializationError, dead_letter, read, revive
from producer.error_codes import ERRORS, Code
from producer.errors import Outcome, RecordTooLargeError, UsageError
from producer.records import Record
from tests.unit.producer.dead_letters.desk import Desk, only_orders, refusal


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


def test_the_class_of_an_error_is_named_by_its_public_home() -> None:
    letter = dead_letter(Record("orders", b"v"), SerializationError("no bytes"), to="orders.dead", failed_at_ms=0)

    told = read(letter.headers)

    assert told is not None
    assert told.error_class == "producer.dead_letters.SerializationError"
