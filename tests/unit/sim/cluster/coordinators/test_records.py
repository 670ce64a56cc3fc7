"""What `__consumer_offsets` holds is Kafka's own, byte for byte: the samples are from Kafka 4.3.1's GroupCoordinatorRecordSerde."""

import pytest

from producer.errors import MalformedError
from sim.cluster.coordinators.groups.record_kinds import (
    GROUP_METADATA,
    OFFSET_COMMIT,
    group_record,
    group_tombstone,
    offset_record,
    offset_tombstone,
)
from sim.cluster.coordinators.groups.records import (
    GroupMetadataKey,
    GroupMetadataValue,
    MemberMetadata,
    OffsetCommitKey,
    OffsetCommitValue,
)
from sim.cluster.coordinators.messages import number_of

OFFSET_KEY = OffsetCommitKey("g", "orders", 3)
OFFSET_KEY_BYTES = "000100016700066f726465727300000003"
OFFSET = OffsetCommitValue(42, 7, "d\xe4r", 1_767_225_600_000, 1_767_225_601_000, (1).to_bytes(8) + (2).to_bytes(8))
OFFSETS_BY_VERSION = {
    0: "0000000000000000002a000464c3a4720000019b76daa800",
    1: "0001000000000000002a000464c3a4720000019b76daa8000000019b76daabe8",
    2: "0002000000000000002a000464c3a4720000019b76daa800",
    3: "0003000000000000002a00000007000464c3a4720000019b76daa800",
    4: "0004000000000000002a000000070564c3a4720000019b76daa80001001000000000000000010000000000000002",
}
MEMBER = MemberMetadata("m-1", "i", "c", "/127.0.0.1", 60_000, 45_000, b"sub", b"ass")
GENERATION = GroupMetadataValue("consumer", 5, "range", "m-1", 1_767_225_600_000, (MEMBER,))
GROUPS_BY_VERSION = {
    0: "00000008636f6e73756d657200000005000572616e676500036d2d310000000100036d2d31000163000a2f3132372e302e302e310000afc8"
       "0000000373756200000003617373",
    1: "00010008636f6e73756d657200000005000572616e676500036d2d310000000100036d2d31000163000a2f3132372e302e302e310000ea60"
       "0000afc80000000373756200000003617373",
    2: "00020008636f6e73756d657200000005000572616e676500036d2d310000019b76daa8000000000100036d2d31000163000a2f3132372e30"
       "2e302e310000ea600000afc80000000373756200000003617373",
    3: "00030008636f6e73756d657200000005000572616e676500036d2d310000019b76daa8000000000100036d2d31000169000163000a2f3132"
       "372e302e302e310000ea600000afc80000000373756200000003617373",
    4: "000409636f6e73756d6572000000050672616e6765046d2d310000019b76daa80002046d2d31026902630b2f3132372e302e302e310000ea"
       "600000afc804737562046173730000",
}  # fmt: skip


@pytest.mark.parametrize("version", OFFSETS_BY_VERSION)
def test_a_position_is_written_and_read_as_kafka_does_in_every_version(version: int) -> None:
    record = OFFSET_COMMIT.record(OFFSET_KEY, OFFSET, version=version)

    assert (record.key.hex(), (record.value or b"").hex()) == (OFFSET_KEY_BYTES, OFFSETS_BY_VERSION[version])
    assert OFFSET_COMMIT.read_key(record.key) == OFFSET_KEY
    read = OFFSET_COMMIT.read_value(bytes.fromhex(OFFSETS_BY_VERSION[version]))
    assert (read.offset, read.metadata) == (42, "d\xe4r")
    assert read.leader_epoch == (7 if version >= 3 else -1)
    assert (read.expire_timestamp != -1) == (version == 1)
    assert (read.topic_id == OFFSET.topic_id) == (version == 4)


@pytest.mark.parametrize("version", GROUPS_BY_VERSION)
def test_a_generation_is_written_and_read_as_kafka_does_in_every_version(version: int) -> None:
    record = GROUP_METADATA.record(GroupMetadataKey("g"), GENERATION, version=version)

    assert (record.key.hex(), (record.value or b"").hex()) == ("0002000167", GROUPS_BY_VERSION[version])
    read = GROUP_METADATA.read_value(bytes.fromhex(GROUPS_BY_VERSION[version]))
    assert (read.protocol_type, read.generation, read.members[0].assignment) == ("consumer", 5, b"ass")
    assert read == GENERATION or version < 3


def test_positions_are_written_in_version_4_and_in_1_where_they_expire_by_themselves() -> None:
    written = [
        number_of(offset_record(OFFSET_KEY, OFFSET._replace(expire_timestamp=at)).value or b"") for at in (-1, 5)
    ]

    assert written == [4, 1]


def test_generations_are_written_in_version_3() -> None:
    assert number_of(group_record("g", GENERATION).value or b"") == 3


def test_a_tombstone_is_the_key_alone() -> None:
    assert (offset_tombstone(*OFFSET_KEY).key.hex(), offset_tombstone(*OFFSET_KEY).value) == (OFFSET_KEY_BYTES, None)
    assert (group_tombstone("g").key.hex(), group_tombstone("g").value) == ("0002000167", None)


def test_a_version_that_nobody_knows_is_malformed() -> None:
    with pytest.raises(MalformedError, match="OffsetCommitValue 5, versions read here are 0-4"):
        OFFSET_COMMIT.read_value(b"\x00\x05")
    with pytest.raises(MalformedError, match="1 bytes"):
        number_of(b"\x00")
