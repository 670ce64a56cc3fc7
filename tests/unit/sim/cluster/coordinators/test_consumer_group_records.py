"""Records of groups by the consumer protocol are Kafka's own, byte for byte: the samples lay in the log of Apache Kafka 4.3.1."""

from typing import Any

import pytest

from sim.cluster.coordinators.groups.consumer import record_kinds as kinds
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.records import (
    ClassicMemberMetadata,
    ClassicProtocol,
    CurrentTopicPartitions,
)
from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved
from sim.cluster.coordinators.messages import RecordKind, number_of

A = "A" * 22
TOPIC = bytes.fromhex("c8e50d6a3f36486ab74c891ff9f60855")
OTHER = bytes.fromhex("db37457dfa39456c8f334cca22d94519")
SUBSCRIPTION = b"\x00\x00\x00\x00\x00\x01\x00\x0ct-62b8e10007\xff\xff\xff\xff"

CONSUMER = ConsumerMember(A, client_id="conf", client_host="/127.0.0.1", rebalance_timeout_ms=30_000)
CLASSIC = ConsumerMember(
    "pdSG1H4uSVWCGB188kSAoA",
    instance_id="i1",
    client_id="conf",
    client_host="/127.0.0.1",
    topic_names=("t-62b8e10007",),
    rebalance_timeout_ms=30_000,
    classic=ClassicMemberMetadata(30_000, (ClassicProtocol("range", SUBSCRIPTION),)),
)
REVOKING = ConsumerMember(
    A, member_epoch=3, previous_epoch=3, state=MemberState.UNREVOKED_PARTITIONS, revoking={TOPIC: {0: 2, 1: 2}}
)
MATCHES = Resolved(("rx1-508ec90004", "rx2-508ec90004"), 2281, 1_795_989_377_598)

SAMPLES = {
    "the group's epoch": (
        kinds.METADATA,
        kinds.epoch_record("g-508ec90000", 2, 813_603_892_533_918_659),
        "0003000c672d35303865633930303030",
        "0000000000020100080b4a806dfa5bfbc3",
    ),
    "an epoch without topics": (
        kinds.METADATA,
        kinds.epoch_record("h-508ec90005", 2, 0),
        "0003000c682d35303865633930303035",
        "00000000000200",
    ),
    "a member": (
        kinds.MEMBER_METADATA,
        kinds.member_record("g-62b8e10002", CONSUMER),
        "0005000c672d36326238653130303032001641414141414141414141414141414141414141414141",
        "0000000005636f6e660b2f3132372e302e302e310101000075300001000100",
    ),
    "a member that speaks the classic protocol": (
        kinds.MEMBER_METADATA,
        kinds.member_record("g-62b8e10007", CLASSIC),
        "0005000c672d36326238653130303037001670645347314834755356574347423138386b53416f41",
        (
            "00000369310005636f6e660b2f3132372e302e302e31020d742d363262386531303030370100007530000100270100007530020672"
            "616e676519000000000001000c742d36326238653130303037ffffffff0000"
        ),
    ),
    "when a target was made": (
        kinds.TARGET_METADATA,
        kinds.target_metadata_record("g-508ec90000", 2, 1_795_989_369_184),
        "0006000c672d35303865633930303030",
        "000000000002010008000001a2294ef160",
    ),
    "what a member shall have": (
        kinds.TARGET_MEMBER,
        kinds.target_record("g-508ec90004", A, {OTHER: (0,)}),
        "0007000c672d35303865633930303034001641414141414141414141414141414141414141414141",
        "000002db37457dfa39456c8f334cca22d9451902000000000000",
    ),
    "what a member has to give up": (
        kinds.CURRENT_ASSIGNMENT,
        kinds.current_record("g-62b8e10002", REVOKING),
        "0008000c672d36326238653130303032001641414141414141414141414141414141414141414141",
        "00000000000300000003010102c8e50d6a3f36486ab74c891ff9f6085503000000000000000101000903000000020000000200",
    ),
    "what an expression matches": (
        kinds.REGULAR_EXPRESSION,
        kinds.regular_expression_record("g-508ec90004", "rx.-508ec90004|rx2-508ec90004", MATCHES),
        "0010000c672d35303865633930303034001d72782e2d353038656339303030347c7278322d35303865633930303034",
        "0000030f7278312d353038656339303030340f7278322d3530386563393030303400000000000008e9000001a2294f123e00",
    ),
}


@pytest.mark.parametrize("what", SAMPLES)
def test_a_record_is_written_and_read_as_kafka_does(what: str) -> None:
    kind: RecordKind
    kind, record, key, value = SAMPLES[what]

    assert (record.key.hex(), (record.value or b"").hex()) == (key, value)
    read_key: Any = kind.read_key(record.key)
    assert number_of(record.key) == kind.number
    assert kind.record(read_key, kind.read_value(bytes.fromhex(value)), version=0) == record


def test_a_partition_that_was_recorded_without_its_epoch_counts_as_got_in_its_members() -> None:
    current = CurrentTopicPartitions(TOPIC, (0, 1))

    assert kinds.owned_of((current,), 7) == {TOPIC: {0: 7, 1: 7}}
    assert kinds.owned_of((current,), -2) == {TOPIC: {0: 0, 1: 0}}
    assert kinds.owned_of((current._replace(assignment_epochs=(3, 4)),), 7) == {TOPIC: {0: 3, 1: 4}}


def test_a_group_that_goes_lets_all_its_records_be_gone() -> None:
    gone = kinds.group_tombstones("g", ("a",), ("x.*",))

    assert [number_of(record.key) for record in gone] == [8, 7, 6, 5, 16, 4, 3]
    assert all(record.value is None for record in gone)
