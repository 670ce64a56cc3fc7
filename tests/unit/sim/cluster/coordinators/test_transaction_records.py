"""What `__transaction_state` holds is Kafka's own, byte for byte: TransactionLogKey and TransactionLogValue, in both versions."""

import pytest

from producer.errors import MalformedError
from producer.records import TopicPartition
from producer.wire.end_markers import EndMarker, encode_end_marker, read_end_marker
from producer.wire.record_batch import decode_records, encode_batch, read_header
from sim.cluster.coordinators.transactions.metadata import TransactionMetadata
from sim.cluster.coordinators.transactions.record_kinds import (
    TRANSACTION_LOG,
    metadata_of,
    transaction_record,
    transaction_tombstone,
)
from sim.cluster.coordinators.transactions.states import TransactionState

PARTITIONS = (TopicPartition("orders", 0), TopicPartition("paid", 1), TopicPartition("orders", 2))
ONGOING = TransactionMetadata(
    1_000, 3, 60_000, 1_767_225_601_000, TransactionState.ONGOING, PARTITIONS, 1_767_225_600_000, 1_000, -1, 2, 2
)
EMPTY = TransactionMetadata(1_000, 0, 60_000, 1_767_225_600_000, previous_producer_id=1_000)
KEY = "0000000174"  # kind 0, "t"
OLD_TOPICS = "0000000200066f72646572730000000200000000000000020004706169640000000100000001"
TOPICS = "03076f7264657273030000000000000002000570616964020000000100"
TIMES = "0000019b76daabe80000019b76daa800"


def test_an_id_is_written_as_kafka_writes_it_with_tagged_fields_and_without() -> None:
    old = transaction_record("t", ONGOING, transaction_version=0)
    new = transaction_record("t", ONGOING, transaction_version=2)

    assert old.key.hex() == new.key.hex() == KEY
    assert (old.value or b"").hex() == "0000" + "00000000000003e8" + "0003" + "0000ea60" + "01" + OLD_TOPICS + TIMES
    tags = "02" + "00" + "08" + "00000000000003e8" + "02" + "02" + "0002"
    assert (new.value or b"").hex() == "0001" + "00000000000003e8" + "0003" + "0000ea60" + "01" + TOPICS + TIMES + tags
    assert transaction_record("t", ONGOING, transaction_version=1) == new


def test_an_id_without_a_transaction_has_no_list_of_partitions() -> None:
    record = transaction_record("t", EMPTY, transaction_version=0)

    assert (record.value or b"").hex()[34:42] == "ffffffff"
    assert transaction_tombstone("t") == (record.key, None)


@pytest.mark.parametrize("version", [0, 2])
def test_what_was_written_is_read_but_for_the_last_epoch_which_is_nowhere(version: int) -> None:
    record = transaction_record("t", ONGOING, transaction_version=version)

    assert TRANSACTION_LOG.read_key(record.key).transactional_id == "t"
    read = metadata_of(TRANSACTION_LOG.read_value(record.value or b""))
    written = ONGOING._replace(last_epoch=-1, partitions=(PARTITIONS[0], PARTITIONS[2], PARTITIONS[1]))
    if not version:
        written = written._replace(previous_producer_id=-1, client_version=0)
    assert read == written


def test_for_whom_a_transaction_is_kept_is_written_and_read_ahead_of_kafka() -> None:
    kept = ONGOING._replace(next_producer_id=1_000, next_producer_epoch=4, last_epoch=-1)
    record = transaction_record("t", kept, transaction_version=2)

    pairs = (
        "00" + "08" + "00000000000003e8",
        "01" + "08" + "00000000000003e8",
        "02" + "02" + "0002",
        "03" + "02" + "0004",
    )
    tags = "04" + "".join(pairs)
    assert (record.value or b"").hex().endswith(TIMES + tags)
    read = metadata_of(TRANSACTION_LOG.read_value(record.value or b""))
    assert read._replace(partitions=kept.partitions) == kept
    assert read.owner == (1_000, 4)


def test_a_value_of_a_later_version_is_no_value_that_we_read() -> None:
    with pytest.raises(MalformedError, match="TransactionLogValue 2, versions read here are 0-1"):
        TRANSACTION_LOG.read_value(bytes.fromhex("0002"))


# -- markers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_commit", "key"), [(True, "00000001"), (False, "00000000")])
def test_a_marker_is_a_control_batch_of_one_record(is_commit: bool, key: str) -> None:
    marker = EndMarker(is_commit, 7)

    batch = encode_end_marker(marker, producer_id=5, producer_epoch=2, timestamp_ms=9, base_offset=40)

    header = read_header(batch)
    assert (header.is_control, header.is_transactional) == (True, True)
    assert (header.producer_id, header.producer_epoch, header.base_sequence, header.base_offset) == (5, 2, -1, 40)
    record = decode_records(batch)[0]
    assert ((record.key or b"").hex(), (record.value or b"").hex()) == (key, "0000" + "00000007")
    assert read_end_marker(batch) == marker


def test_a_control_record_of_another_type_is_no_marker_and_a_broken_one_is_malformed() -> None:
    leader_change = encode_batch([(bytes.fromhex("00000002"), b"", (), 0)], is_control=True)
    broken = encode_batch([(bytes.fromhex("00000001"), b"\x00", (), 0)], is_control=True)

    assert read_end_marker(leader_change) is None
    with pytest.raises(MalformedError, match="a control record with key"):
        read_end_marker(broken)
