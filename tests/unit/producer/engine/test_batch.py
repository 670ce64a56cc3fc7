"""A batch knows what it takes on the wire, and how much more it has room for."""

from hypothesis import given
from hypothesis import strategies as st

from producer.engine.batch import Batch
from producer.records import Headers, TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD, encode_columns

NO_LIMIT = 1 << 40

sizes = st.none() | st.integers(0, 70) | st.sampled_from([8_100, 8_186, 8_192, 20_000])
headers = st.just(()) | st.just((("h", b"v"), ("none", None)))
records = st.lists(
    st.tuples(sizes, sizes, headers, st.integers(-5, 5) | st.sampled_from([-(1 << 40), 63, 64, 8_192])), max_size=80
)


def a_batch(limit_bytes: int = NO_LIMIT) -> Batch:
    partition = TopicPartition("t", 0)
    return Batch(number=1, partition=partition, created_us=0, reserved_bytes=limit_bytes, first_timestamp_ms=1_000)


@given(records)
def test_its_size_is_exact_to_the_byte(drawn: list[tuple[int | None, int | None, Headers, int]]) -> None:
    batch = a_batch()
    batch.append(None, b"first", (), 1_000, None)
    for key_size, value_size, some_headers, late_ms in drawn:
        key = None if key_size is None else bytes(key_size)
        value = None if value_size is None else bytes(value_size)
        before_bytes = batch.size_bytes

        appended_bytes = batch.append(key, value, some_headers, 1_000 + late_ms, None)

        assert batch.size_bytes == before_bytes + appended_bytes

    encoded = encode_columns(batch.keys, batch.values, batch.timestamps_ms, batch.headers)
    assert batch.size_bytes == len(encoded)


def test_it_takes_the_record_that_fills_it_and_not_one_byte_more() -> None:
    alone = a_batch()
    record_bytes = alone.append(b"key", b"value", (), 1_000, None)
    batch = a_batch(BATCH_OVERHEAD + 2 * record_bytes)

    assert batch.append(b"key", b"value", (), 1_000, "one") == record_bytes
    assert batch.append(b"key", b"value and more", (), 1_000, "too large") == 0
    assert batch.append(b"key", b"value", (), 1_000, "two") == record_bytes
    assert batch.append(None, None, (), 1_000, "no room") == 0

    assert batch.tokens == ["one", "two"]
    assert batch.record_count == 2


@given(st.floats(0.01, 1.5), st.integers(100, 40_000), st.integers(0, 40_000))
def test_no_batch_is_full_below_the_size_from_which_it_may_be(ratio: float, limit_bytes: int, size_bytes: int) -> None:
    batch = Batch(
        number=1,
        partition=TopicPartition("t", 0),
        created_us=0,
        reserved_bytes=limit_bytes,
        first_timestamp_ms=0,
        compression_ratio=ratio,
    )

    batch.size_bytes = BATCH_OVERHEAD + size_bytes
    assert not batch.is_full or batch.size_bytes >= batch.full_bytes

    # And the size from which it may be full is no guess.
    batch.size_bytes = batch.full_bytes + int(2 / ratio) + 2
    assert batch.is_full
