"""Records for batches: drawn in every shape, and two fixed lists of them."""

from hypothesis import strategies as st

from producer.wire.record_batch import (
    EncodableRecord,
)

START_MS = 1_700_000_000_000

headers = st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3).map(tuple)
delta_ms = st.integers(-100, 100) | st.integers(-(1 << 40), 1 << 40)
one_record = st.tuples(
    st.none() | st.binary(max_size=10),
    st.none() | st.binary(max_size=200),
    st.just(()) | headers,
    delta_ms.map(START_MS.__add__),
)
# Half of what producers send: keys and values, no headers, time going on.
plain_record = st.tuples(
    st.none() | st.binary(max_size=10),
    st.binary(max_size=200),
    st.just(()),
    st.integers(START_MS, START_MS + 10_000),
)


@st.composite
def uniform_records(draw: st.DrawFn) -> list[EncodableRecord]:
    """Records of one shape, as a load of fixed-size messages has them; enough of them for offsets of two bytes."""
    key_size = draw(st.none() | st.integers(0, 70))
    value_size = draw(st.none() | st.integers(0, 100) | st.sampled_from([8_180, 8_192, 9_000]))
    times = draw(st.lists(st.integers(0, 70) | st.just(0), min_size=1, max_size=140))
    return [
        (
            None if key_size is None else bytes([at % 251]) * key_size,
            None if value_size is None else bytes([at % 241]) * value_size,
            (),
            START_MS + late_ms,
        )
        for at, late_ms in enumerate(sorted(times))
    ]


some_records = (
    st.lists(one_record, min_size=1, max_size=8)
    | st.lists(plain_record, min_size=1, max_size=8).map(lambda records: sorted(records, key=lambda record: record[3]))
    | uniform_records()
)
A_HUNDRED: list[EncodableRecord] = [(b"key-%d" % i, b"v" * i, (), START_MS + i // 3) for i in range(100)]
ONE: list[EncodableRecord] = [(b"k", b"v", (), START_MS)]
