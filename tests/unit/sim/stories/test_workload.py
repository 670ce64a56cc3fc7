"""An application's records: made from a named stream or read from lines, and split over its phases."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.records import Record
from sim.stories.workload import HotKey, KeysInTurn, KeyValue, LineError, NoKeys, Phase, Workload, read_records
from sim.world.kernel import Stream


def read(text: bytes, separator: bytes = b":") -> list[KeyValue]:
    return list(read_records(io.BytesIO(text), source="records.txt", separator=separator))


def test_first_separator_ends_the_key() -> None:
    assert read(b"LAX:2001-01-01 06:55\n") == [(b"LAX", b"2001-01-01 06:55")]


def test_bytes_that_are_no_text_stay_what_they_are() -> None:
    assert read(b"\xff\x00:\xfe\n") == [(b"\xff\x00", b"\xfe")]


@pytest.mark.parametrize("text", [b"a:1\nb:2", b"a:1\nb:2\n", b"a:1\r\nb:2\r\n"])
def test_line_endings_do_not_belong_to_the_value(text: bytes) -> None:
    assert read(text) == [(b"a", b"1"), (b"b", b"2")]


def test_empty_key_and_empty_value_are_records() -> None:
    assert read(b":\n") == [(b"", b"")]


def test_line_without_separator_is_named_with_its_number_and_text() -> None:
    with pytest.raises(LineError, match=r"records\.txt, line 2: no ':' between key and value: 'nokey'") as raised:
        read(b"a:1\nnokey\n")

    assert raised.value.number == 2


def test_long_line_is_shown_in_part() -> None:
    with pytest.raises(LineError) as raised:
        read(b"x" * 10_000)

    assert len(str(raised.value)) < 200


def test_separator_may_be_longer_than_one_byte() -> None:
    assert read(b"a::b:c\n", b"::") == [(b"a", b"b:c")]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any), st.integers(0, 50))
def test_every_record_is_in_exactly_one_phase_and_in_order(shares: list[int], count: int) -> None:
    workload = Workload(phases=tuple(Phase(share=share) for share in shares))
    records = [KeyValue(None, b"%d" % number) for number in range(count)]

    parts = [list(part) for _, part in workload.split(records)]

    assert [record for part in parts for record in part] == records
    assert all(part == [] for part, share in zip(parts, shares, strict=True) if share == 0)


def test_made_records_depend_on_the_stream_alone() -> None:
    workload = Workload(records=50, keys=HotKey(50, others=5))

    first = workload.made(Stream(seed=1, name="workload"))

    assert first == workload.made(Stream(seed=1, name="workload"))
    assert first != workload.made(Stream(seed=2, name="workload"))


def test_hot_key_takes_about_its_percentage() -> None:
    records = Workload(records=1_000, keys=HotKey(70, others=5)).made(Stream(seed=1, name="workload"))

    assert 650 < sum(record.key == b"user-42" for record in records) < 750


def test_values_differ_and_have_the_size_wanted() -> None:
    records = Workload(records=20, keys=NoKeys(), value_bytes=30).made(Stream(seed=1, name="workload"))

    assert len({record.value for record in records}) == 20
    assert {len(record.value or b"") for record in records} == {30}
    assert {record.key for record in records} == {None}


def test_keys_in_turn_come_round() -> None:
    records = Workload(records=5, keys=KeysInTurn(2)).made(Stream(seed=1, name="workload"))

    assert [record.key for record in records] == [b"user-0", b"user-1", b"user-0", b"user-1", b"user-0"]


# -- topics, partitions, headers, times --------------------------------------------------------------------------------


def made(workload: Workload) -> list[Record]:
    return workload.made(Stream(seed=1, name="workload"))


def test_topics_come_in_turn_and_each_key_goes_to_each_of_them() -> None:
    records = made(Workload(topic=("orders", "audit"), records=6, keys=KeysInTurn(2)))

    assert [(record.topic, record.key) for record in records] == [
        ("orders", b"user-0"), ("audit", b"user-0"),
        ("orders", b"user-1"), ("audit", b"user-1"),
        ("orders", b"user-0"), ("audit", b"user-0"),
    ]  # fmt: skip


def test_partitions_come_in_turn_some_of_them_left_to_the_partitioner() -> None:
    records = made(Workload(records=4, partition=(2, None)))

    assert [record.partition for record in records] == [2, None, 2, None]
    assert {record.partition for record in made(Workload(records=4, partition=1))} == {1}


def test_headers_and_times_are_the_application_s_word() -> None:
    headers = (("source", b"test"), ("empty", None))
    records = made(Workload(records=3, headers=headers, timestamp_ms=5_000, timestamp_step_ms=-10))

    assert {record.headers for record in records} == {headers}
    assert [record.timestamp_ms for record in records] == [5_000, 4_990, 4_980]


def test_records_may_be_written_out_one_by_one() -> None:
    written = (Record("a", b"1", b"k", partition=3), Record("b", None, headers=(("h", b"x"),), timestamp_ms=7))
    workload = Workload(records=written, phases=(Phase(), Phase()))

    assert made(workload) == list(written)
    assert workload.topics == ("a", "b")


def test_records_of_a_file_are_dressed_as_the_workload_s_own() -> None:
    given = [KeyValue(b"k", b"%d" % number) for number in range(3)]

    dressed = Workload(topic=("a", "b"), partition=(0, 1), timestamp_ms=9).dressed(given)
    assert dressed == [
        Record("a", b"0", b"k", 0, (), 9),
        Record("b", b"1", b"k", 1, (), 9),
        Record("a", b"2", b"k", 0, (), 9),
    ]
    written = Workload(records=(Record("x", b"old", partition=4),))
    assert written.dressed(given) == [Record("x", b"%d" % number, b"k", 4) for number in range(3)]


@pytest.mark.parametrize(
    "build,said",
    [
        (lambda: Workload(records=0), "Workload.records is 0"),
        (lambda: Workload(phases=(Phase(share=0),)), "no phase with a share"),
        (lambda: Phase(every_us=-1), "Phase.every_us is -1"),
        (lambda: Workload(topic=()), "must name at least one"),
        (lambda: Workload(partition=()), "must name at least one"),
        (lambda: Workload(records=()), "Workload.records is empty"),
        (lambda: Workload(topic="x", records=(Record("a", b""),)), "Workload.topic is given, but"),
        (lambda: Workload(partition=0, records=(Record("a", b""),)), "Workload.partition is given, but"),
    ],
)
def test_value_that_cannot_be_is_named(build: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build()


@pytest.mark.parametrize(
    "build,said",
    [
        (lambda: Workload(partition="0"), "partition is '0'"),  # type: ignore[arg-type]
        (lambda: Workload(timestamp_ms=-1), "timestamp_ms is -1"),
        (lambda: Workload(headers=[("a", b"")]), "headers is a list"),  # type: ignore[arg-type]
        (lambda: Workload(records=(Record("a b", b""),)), "is no topic's name"),
        (lambda: Workload(records=(Record("a", "text"),)), "value is a str"),  # type: ignore[arg-type]
    ],
)
def test_record_that_could_not_be_written_is_known_before_the_run(build: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        build()
