"""A record is its client's: two clients with equal numbers, and even equal bytes, are never mixed up."""

from sim.judges.guarantees import GUARANTEES, State
from sim.judges.report.partitions import topic_loads
from tests.guarantees.written import WrittenTrace


def two_clients() -> WrittenTrace:
    """Both send records 1 and 2, with the same keys and values; all four are written and read back."""
    trace = WrittenTrace()
    trace.by("app-1").write(1, 2, at=0).by("app-2").write(1, 2, at=2)
    return trace.read(1, at=0).read(2, at=1).read(1, at=2).read(2, at=3)


def test_equal_numbers_and_equal_bytes_of_two_clients_break_nothing() -> None:
    trace = two_clients().end()

    assert {name: trace.state(name) for name in GUARANTEES} == dict.fromkeys(GUARANTEES, State.HOLDS)


def test_a_lost_record_is_lost_though_another_client_has_one_of_its_number() -> None:
    trace = WrittenTrace().by("app-1").write(1, at=0).by("app-2").send(1).acknowledge(1, at=1).end()

    (finding,) = trace.judged("lost").findings

    assert (finding.client, finding.record, finding.name) == ("app-2", 1, "record 1 of app-2")


def test_a_failed_record_is_no_phantom_because_another_client_wrote_one_of_its_number() -> None:
    trace = WrittenTrace().by("app-1").write(1, at=0).by("app-2").send(1).fail(1, outcome="failed").end()

    assert trace.state("phantom") is State.HOLDS
    assert trace.state("lost") is State.HOLDS


def test_a_phantom_is_the_one_of_the_client_that_was_told_so() -> None:
    trace = WrittenTrace().by("app-1").send(1).fail(1, outcome="failed").by("app-2").write(1, at=0).by("app-1")
    trace.append(trace.request(trace.batch(1)), at=1).replicate(2, 3, at=1).commit(2).end()

    (finding,) = trace.judged("phantom").findings

    assert finding.client == "app-1"
    assert "orders-0 offset 1" in finding.what


def test_a_client_that_overtakes_itself_is_found_behind_another_s_records() -> None:
    trace = WrittenTrace().by("app-1").write(1, 2, at=0).by("app-2").send(1, 2)
    late, early = trace.batch(1), trace.batch(2)
    trace.append(trace.request(early), at=2).append(trace.request(late), at=3).commit(4).end()

    (finding,) = trace.judged("reordered").findings

    assert (finding.client, finding.record) == ("app-2", 1)
    assert "behind record 2 of app-2 (offset 2)" in finding.what


def test_other_bytes_than_this_client_sent_are_found_though_another_sent_them() -> None:
    trace = WrittenTrace().by("app-1").write(1, at=0, key=b"a").by("app-2").write(1, at=1, key=b"b")

    assert trace.read(1, at=0, key=b"b").end().state("misrouted") is State.VIOLATED


def test_a_key_that_two_clients_send_has_no_order_between_them() -> None:
    trace = WrittenTrace(partitions=2).by("app-1").write(2, at=0).by("app-2").write(1, at=0, partition=1)

    assert trace.read(2, at=0).read(1, at=0, partition=1).end().state("key order") is State.HOLDS


def test_each_client_s_bytes_count_for_the_partition_that_they_went_to() -> None:
    trace = WrittenTrace(partitions=2).by("app-1").send(1, key=b"short").by("app-2").send(1, key=b"much longer")
    trace.by("app-1").batch(1)
    trace.by("app-2").batch(1, partition=1)

    (load,) = topic_loads(trace.events)

    assert [partition.size_bytes for partition in load.partitions] == [len(b"shortvalue-1"), len(b"much longervalue-1")]
    assert [partition.hottest[0].key for partition in load.partitions] == [b"short", b"much longer"]
