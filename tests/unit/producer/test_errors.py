"""The error table is Kafka's, and an error says what is known about its record."""

import pickle
import warnings

import pytest
from kio.schema.errors import ErrorCode as KioErrorCode

from producer import errors
from producer.error_codes import ERRORS, Code, ErrorCode, error_code
from producer.errors import Outcome
from producer.records import TopicPartition

with warnings.catch_warnings():
    # kafka-python reads its schemas by an importlib function that is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import errors as kafka_pythons_errors


def test_every_code_from_minus_1_to_136_has_a_row() -> None:
    assert list(ERRORS) == list(range(-1, 137))
    assert all(number == row.code for number, row in ERRORS.items())
    assert {row.name for row in ERRORS.values()} == {code.name for code in Code}


@pytest.mark.parametrize("known", KioErrorCode, ids=lambda known: known.name)
def test_names_and_retriability_are_those_of_kafkas_own_table(known: KioErrorCode) -> None:
    row = ERRORS[known.value]

    assert row.name == known.name.upper() or (known.value, row.name) == (17, "INVALID_TOPIC_EXCEPTION")
    assert row.retriable == known.retriable


# Errors.java crossed with the exceptions that it names (KIP-1050); `abortable` and `fatal` are TransactionManager's.
REFRESHES_METADATA = {3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103}
REFRESHES_COORDINATOR = {15, 16}
AUTHORIZATION = {29, 30, 31, 53, 65}
AUTHENTICATION = {33, 34, 58}
CLASSES = {
    "retriable": REFRESHES_METADATA
    | REFRESHES_COORDINATOR
    | {2, 7, 14, 19, 20, 41, 51, 70, 71, 75, 78, 88, 89, 106, 122, 123, 133},
    "refresh_metadata": REFRESHES_METADATA,
    "refresh_coordinator": REFRESHES_COORDINATOR,
    "application_recoverable": {22, 25, 47, 49, 82, 90},
    "authorization": AUTHORIZATION,
    "authentication": AUTHENTICATION,
    "invalid_configuration": {17, 18, 21, 35, 38, 40, 43} | AUTHORIZATION | AUTHENTICATION,
    "abortable": {22, 25, 29, 30, 69, 82, 113, 120},
    "fatal": {31, 35, 49, 53, 90},
}


@pytest.mark.parametrize("code", range(-1, 137), ids=lambda code: Code(code).name)
def test_each_code_is_of_its_classes_and_of_no_other(code: int) -> None:
    row = ERRORS[code]

    assert {name for name in CLASSES if getattr(row, name)} == {
        name for name, codes in CLASSES.items() if code in codes
    }


def test_kafka_python_refreshes_metadata_and_retries_on_the_same_codes_but_for_two() -> None:
    known = {one.errno: one for one in vars(kafka_pythons_errors).values() if hasattr(one, "errno")}
    differs = {
        code
        for code in sorted(ERRORS.keys() & known.keys())
        if (known[code].retriable, known[code].invalid_metadata)
        != (ERRORS[code].retriable, ERRORS[code].refresh_metadata)
    }

    # Java retries a corrupt message, and takes an unknown leader epoch for a matter of time rather than of metadata.
    assert differs == {Code.CORRUPT_MESSAGE, Code.UNKNOWN_LEADER_EPOCH}
    assert len(ERRORS.keys() & known.keys()) > 120


def test_what_asks_for_metadata_or_a_coordinator_is_retriable() -> None:
    assert all(row.retriable for row in ERRORS.values() if row.refresh_metadata or row.refresh_coordinator)
    assert ERRORS[Code.NOT_LEADER_OR_FOLLOWER].refresh_metadata
    assert ERRORS[Code.NOT_COORDINATOR].refresh_coordinator


def test_what_may_hide_an_append_is_known_by_name() -> None:
    assert {Code(row.code).name for row in ERRORS.values() if row.may_hide_append} == {
        "UNKNOWN_SERVER_ERROR",
        "NOT_LEADER_OR_FOLLOWER",
        "REQUEST_TIMED_OUT",
        "NETWORK_EXCEPTION",
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        "KAFKA_STORAGE_ERROR",
    }


def test_a_code_from_a_newer_kafka_is_not_retriable_and_named_by_its_number() -> None:
    assert error_code(6) is ERRORS[6]
    assert error_code(9_999).name == "UNKNOWN_CODE_9999"
    assert error_code(9_999).code == 9_999
    assert not error_code(9_999).retriable
    assert error_code(9_999).may_hide_append


@pytest.mark.parametrize(
    "error, family",
    [
        (errors.ConfigError, errors.UsageError),
        (errors.RecordTooLargeError, errors.UsageError),
        (errors.ProducerClosedError, errors.UsageError),
        (errors.MalformedError, errors.PeerError),
        (errors.UnsupportedVersionError, errors.PeerError),
        (errors.DeliveryTimeoutError, errors.SendError),
        (errors.UsageError, errors.ProducerError),
        (errors.PeerError, errors.ProducerError),
        (errors.SendError, errors.ProducerError),
        (errors.BufferExhaustedError, errors.ProducerError),
        (errors.MetadataTimeoutError, errors.ProducerError),
        (errors.IllegalTransitionError, AssertionError),
    ],
)
def test_each_error_is_of_its_family(error: type[Exception], family: type[Exception]) -> None:
    assert issubclass(error, family)
    assert not issubclass(errors.IllegalTransitionError, errors.ProducerError)


def test_a_send_error_names_partition_code_and_fate() -> None:
    error = errors.SendError(TopicPartition("orders", 0), ERRORS[7], Outcome.UNKNOWN)

    assert str(error) == "orders-0: REQUEST_TIMED_OUT (7), may be written"
    assert error.is_retriable
    assert error.code is ERRORS[7]
    assert error.outcome is Outcome.UNKNOWN
    refused = errors.SendError("orders-0", ERRORS[10], Outcome.FAILED, "1048577 bytes")
    assert str(refused) == "orders-0: MESSAGE_TOO_LARGE (10), not written: 1048577 bytes"
    assert not refused.is_retriable


def test_an_acknowledged_record_has_no_error() -> None:
    with pytest.raises(AssertionError, match="orders-0"):
        errors.SendError("orders-0", ERRORS[0], Outcome.ACKNOWLEDGED)


def test_a_send_error_survives_pickling() -> None:
    error = errors.DeliveryTimeoutError(TopicPartition("orders", 0), ERRORS[7], Outcome.UNKNOWN, "after 120 s")

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is errors.DeliveryTimeoutError
    assert (str(again), again.code, again.outcome) == (str(error), error.code, error.outcome)


def test_rows_are_values() -> None:
    assert ErrorCode(6, "X") == ErrorCode(6, "X")
