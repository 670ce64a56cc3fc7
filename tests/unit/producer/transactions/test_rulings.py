"""Every code in the answer to every transactional request means what Kafka's TransactionManager makes of it."""

import pytest

from producer.client.ruling import Abortable, Again, Done, Fatal, Refind
from producer.errors import Code, error_code
from producer.transactions.rulings import ABORTABLE, ruling_of
from producer.wire.api import ApiKey

REQUESTS = list(ABORTABLE)

RETRIABLE = {
    2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123, 133,
}  # fmt: skip
FATAL_FOR_PARTITIONS = {47, 48, 49, 53, 90}
ABORTABLE_FOR = {
    ApiKey.INIT_PRODUCER_ID: {31, 53, 120},
    ApiKey.ADD_OFFSETS_TO_TXN: {30, 120},
    ApiKey.TXN_OFFSET_COMMIT: {22, 25, 30, 69, 82, 113, 120},
    ApiKey.END_TXN: {120},
}


def kafka_s(api: ApiKey, code: int, *, may_bump: bool) -> type:
    """What Kafka's handler of the request does (the handlers of TransactionManager, 4.3)."""
    if code == 0:
        return Done
    if code in (15, 16) or (code == 7 and api is ApiKey.TXN_OFFSET_COMMIT):
        return Refind
    if code in RETRIABLE:
        return Again
    if code == 59 and api in (ApiKey.ADD_PARTITIONS_TO_TXN, ApiKey.ADD_OFFSETS_TO_TXN, ApiKey.END_TXN):
        return Abortable if may_bump else Fatal
    if api is ApiKey.ADD_PARTITIONS_TO_TXN:
        return Fatal if code in FATAL_FOR_PARTITIONS else Abortable
    return Abortable if code in ABORTABLE_FOR[api] else Fatal


@pytest.mark.parametrize("api", REQUESTS, ids=lambda api: api.name)
@pytest.mark.parametrize("may_bump", [False, True], ids=["no-new-epochs", "new-epochs"])
def test_each_code_is_taken_as_kafka_takes_it(api: ApiKey, may_bump: bool) -> None:
    different = {
        Code(code).name: type(ruling_of(api, code, may_bump=may_bump)).__name__
        for code in range(-1, 137)
        if type(ruling_of(api, code, may_bump=may_bump)) is not kafka_s(api, code, may_bump=may_bump)
    }

    assert different == {}


@pytest.mark.parametrize("api", REQUESTS, ids=lambda api: api.name)
@pytest.mark.parametrize("code", [Code.INVALID_PRODUCER_EPOCH, Code.PRODUCER_FENCED])
def test_a_coordinator_that_knows_a_newer_epoch_fences(api: ApiKey, code: Code) -> None:
    assert ruling_of(api, code, may_bump=True) == Fatal(error_code(Code.PRODUCER_FENCED))


def test_a_code_of_a_newer_kafka_ends_the_producer_but_for_partitions_which_can_be_left_out() -> None:
    assert {api: type(ruling_of(api, 999, may_bump=True)) for api in REQUESTS} == {
        api: Abortable if api is ApiKey.ADD_PARTITIONS_TO_TXN else Fatal for api in REQUESTS
    }


def test_what_is_abortable_here_the_one_table_of_errors_calls_so() -> None:
    named = {code for codes in ABORTABLE.values() for code in codes}
    rights = {Code.CLUSTER_AUTHORIZATION_FAILED, Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED}

    assert {code for code in named if not error_code(code).abortable} == rights
    # A topic's missing right is AddPartitionsToTxn's, where all that is not fatal is abortable.
    assert {code for code in Code if error_code(code).abortable} - named == {Code.TOPIC_AUTHORIZATION_FAILED}
