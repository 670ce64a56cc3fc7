"""A fault is one value with one line of text and one JSON object, and each of them gives the same value back."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from producer.errors import Code
from sim.faults import (
    FAULT_TYPES,
    AddPartitions,
    Alter,
    AnswerWithError,
    Coordinator,
    Crash,
    CrashController,
    CreateTopic,
    CutLink,
    CutLogShort,
    DelayResponse,
    DeleteTopic,
    Deny,
    DetainRequest,
    DropResponse,
    Elect,
    Fault,
    FaultTextError,
    FlipBit,
    Followers,
    Grant,
    HoldLink,
    KillApplication,
    Leader,
    LoseRequest,
    MoveLeader,
    OpenLink,
    Pause,
    PauseApplication,
    PauseController,
    RawWrite,
    RejectLink,
    ReplaceApplication,
    ResetLink,
    Restart,
    RestartApplication,
    RestartController,
    Resume,
    ResumeApplication,
    ResumeController,
    Revoke,
    RollingRestart,
    SetClock,
    SetQuota,
    ShrinkIsr,
    SlowDisk,
    StartApplication,
    Stop,
    StopApplication,
    UnsyncLog,
    parse_fault,
)
from sim.faults.tampering import API_KEYS
from sim.faults.text import duration_text, moment_text, parse_duration

ADAPTER: TypeAdapter[Fault] = TypeAdapter(Fault)

ids = st.integers(1, 99)
topics = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
partitions = st.builds(lambda topic, number: f"{topic}-{number}", topics, st.integers(0, 20))
leaders = st.one_of(st.builds(Leader, partitions), st.builds(Coordinator, topics))
targets = st.one_of(ids, st.lists(ids, min_size=2, max_size=4).map(tuple), leaders, st.builds(Followers, partitions))
hosts = st.one_of(ids, leaders, st.sampled_from(["controller", "producer-1", "consumer.2"]))
others = st.one_of(st.none(), hosts)
durations = st.integers(0, 10**10)
apis = st.sampled_from(sorted(API_KEYS))
times = st.integers(1, 9)
by = st.one_of(st.none(), ids, leaders)
about = st.one_of(st.none(), partitions)
applications = st.sampled_from(["producer-1", "billing", "billing.2", "b", "b1x", "bank_7-a"])
ON_APPLICATIONS = (
    StopApplication,
    StartApplication,
    KillApplication,
    PauseApplication,
    ResumeApplication,
    RestartApplication,
    ReplaceApplication,
)
identities: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({}),
    st.fixed_dictionaries(
        {"application": applications}, optional={"epoch": st.integers(0, 9), "sequence": st.integers(0, 2**31 - 1)}
    ),
    st.fixed_dictionaries({"producer_id": st.integers(0, 2**63 - 1)}, optional={"epoch": st.integers(0, 32_767)}),
)
raw_writes = st.builds(
    lambda identity, *parts: RawWrite(*parts, **identity),
    identities,
    partitions,
    by,
    st.sampled_from(["raw", "zombie", "a-b.2"]),
).flatmap(
    lambda one: st.builds(partial(replace, one), records=st.integers(1, 1_000), acks=st.sampled_from(["all", "1", "0"]))
)
operations = st.sampled_from(["READ", "WRITE", "all", "Describe_Configs"])
resources = st.sampled_from(["*", "orders", "orders-*"])
faults = st.one_of(
    raw_writes,
    *(st.builds(fault_type, applications) for fault_type in ON_APPLICATIONS),
    st.builds(Crash, targets, st.sampled_from(["kept", "unflushed lost", "wiped"])),
    *(st.builds(fault_type, targets) for fault_type in (Restart, Stop, Pause, Resume)),
    st.builds(RollingRestart, st.one_of(st.none(), targets)),
    st.builds(SlowDisk, targets, st.integers(1, 1_000)),
    *(
        st.builds(fault_type, st.sampled_from(["controller", "controller-2"]))
        for fault_type in (CrashController, PauseController, RestartController, ResumeController)
    ),
    st.builds(SetClock, hosts, st.integers(-(10**10), 10**10)),
    st.builds(MoveLeader, partitions, st.one_of(st.none(), ids)),
    st.builds(ShrinkIsr, partitions, targets, durations),
    st.builds(AddPartitions, topics, st.integers(1, 100)),
    st.builds(Elect, partitions, st.sampled_from(["preferred", "unclean"])),
    st.builds(Alter, st.just("min.insync.replicas"), st.one_of(st.none(), st.sampled_from(["1", "+7"])), topics),
    st.builds(
        Alter,
        st.just("log.message.timestamp.type"),
        st.sampled_from([None, "CreateTime", "LogAppendTime"]),
        broker=st.one_of(st.none(), ids),
    ),
    *(
        st.builds(
            fault_type,
            st.sampled_from(["User:shop", "User:*"]),
            operations,
            *what,
            st.sampled_from([None, "*", "app.1"]),
        )
        for fault_type in (Grant, Deny, Revoke)
        for what in ((st.just("cluster"), st.none()), (st.sampled_from(["topic", "transactional-id"]), resources))
    ),
    st.builds(
        SetQuota,
        st.sampled_from(["client-id=noisy", "client-id=<default> user=alice", "user=<default>"]),
        st.sampled_from(["producer_byte_rate", "request_percentage"]),
        st.sampled_from([None, "1048576", "5"]),
    ),
    st.builds(DeleteTopic, topics),
    st.builds(CreateTopic, topics, st.one_of(st.none(), st.integers(1, 100))),
    *(st.builds(fault_type, hosts, others, st.booleans()) for fault_type in (HoldLink, CutLink, OpenLink)),
    *(st.builds(fault_type, hosts, others) for fault_type in (ResetLink, RejectLink)),
    st.builds(DropResponse, by, apis, about, times, then=st.sampled_from(["reset", "stall"])),
    st.builds(DelayResponse, by, apis, about, times, by_us=durations),
    st.builds(CutLogShort, partitions, targets, st.integers(1, 99)),
    st.builds(UnsyncLog, partitions, targets),
    st.builds(FlipBit, partitions, targets, st.integers(0, 10**6)),
    st.builds(DetainRequest, by, apis, about, times, by_us=durations),
    st.builds(LoseRequest, by, apis, about, times, then=st.sampled_from(["reset", "stall"])),
    st.builds(
        AnswerWithError,
        by,
        apis,
        about,
        times,
        code=st.sampled_from(sorted(Code.__members__)),
        after_append=st.booleans(),
    ),
)


@given(faults)
def test_text_of_a_fault_reads_back_as_the_same_fault(fault: Fault) -> None:
    assert parse_fault(str(fault)) == fault


@given(faults)
def test_json_of_a_fault_reads_back_as_the_same_fault(fault: Fault) -> None:
    assert ADAPTER.validate_json(ADAPTER.dump_json(fault)) == fault


@pytest.mark.parametrize("example", [text for one in FAULT_TYPES for text in one.EXAMPLE.split(" | ")])
def test_example_in_the_error_message_is_a_fault_as_it_is_written(example: str) -> None:
    assert str(parse_fault(example)) == example


@given(durations)
def test_duration_reads_back(duration_us: int) -> None:
    assert parse_duration(duration_text(duration_us)) == duration_us


@given(durations)
def test_moment_reads_back(us: int) -> None:
    assert parse_duration(moment_text(us)) == us


@pytest.mark.parametrize(
    "us,text",
    [
        (0, "0s"),
        (300, "300us"),
        (2_506, "0.002506s"),
        (1_500_000, "1500ms"),
        (2_506_650, "2.50665s"),
        (2_506_652, "2.506652s"),
    ],
)
def test_moment_between_two_milliseconds_is_told_in_seconds_as_a_report_tells_it(us: int, text: str) -> None:
    assert moment_text(us) == text


def test_fractions_of_a_second_are_exact() -> None:
    assert parse_duration("1.5s") == 1_500_000
    assert parse_duration("0.000001s") == 1


@pytest.mark.parametrize(
    "text,said",
    [
        ("burn b1", "expected it to begin with one of crash, restart"),
        ("crsh b1", "'crsh b1' is not a fault; did you mean crash?"),
        ("crash", "expected it as in 'crash b1"),
        ("crash broker one", "expected it as in 'crash b1"),
        ("answer Produce NO_SUCH_ERROR x1 by b1", "'NO_SUCH_ERROR' is not one of Kafka's errors"),
        ("drop Prodce x1 by b1 then reset", "'Prodce' is not an API"),
        ("drop Produce x0 by b1 then reset", "at least once"),
        ("slow b1 x0", "at least 1"),
        ("truncate orders-0 on b1 by 0 batches", "at least 1"),
        ("kill b1", "expected it as in 'kill producer-1'"),
        (
            "pause two words",
            "expected it as in 'pause b1 | pause followers(orders-0) | pause controller | pause registry-1 | pause key-service | pause gateway | pause producer-1'",
        ),
        ("", "is not a fault"),
        ("elect orders-0", "expected it as in 'elect orders-0 unclean"),
        ("alter orders set min.insync.replicas=1", "expected it as in 'alter topic orders set"),
        ("alter topic orders set min.insync.replicas=0", "must be a whole number from 1"),
        ("alter topic orders delete min.isr", "no setting of topics"),
        ("alter b1 set max.message.bytes=7", "here it is message.max.bytes"),
        ("write orders", "expected it as in 'write orders-0"),
        ("write orders-0, sequence 3", "expected it as in 'write orders-0"),
        ("write orders-0, of b1", "expected it as in 'write orders-0"),
        ("write orders-0, x0", "x 0 in a raw write: must be 1 to 1000"),
        ("write orders-0, id 7 epoch 40000", "epoch 40000 in a raw write: must be 0 to 32767"),
        ("write orders-0, id 7 sequence 2147483648", "sequence 2147483648 in a raw write: must be 0 to 2147483647"),
        ("write orders-0, acks 2", "expected it as in 'write orders-0"),
    ],
)
def test_bad_text_says_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(FaultTextError) as raised:
        parse_fault(text)

    assert said in str(raised.value)


@pytest.mark.parametrize(
    "parts,said",
    [
        ({"epoch": 1}, "without a producer id"),
        ({"sequence": 1}, "without a producer id"),
        ({"application": "billing", "producer_id": 7}, "id 7 of billing"),
        ({"client": "consumer-1-orders"}, "is who reads everything back"),
        ({"client": "b1"}, "'b1' is no name of a client"),
        ({"application": "two words"}, "'two words' is no name of an application"),
        ({"acks": "2"}, "acks '2': expected all, 1 or 0"),
    ],
)
def test_a_raw_write_that_cannot_be_says_why(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultTextError, match=said):
        RawWrite("orders-0", **parts)


def test_partition_without_a_number_is_refused_where_it_is_written() -> None:
    with pytest.raises(FaultTextError, match="expected topic-number"):
        Leader("orders")
