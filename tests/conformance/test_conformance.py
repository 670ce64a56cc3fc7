"""Each recorded case, field by field: the simulated brokers answer as Apache Kafka did, or the difference is a known one."""

from __future__ import annotations

import pytest

from tests.conformance.known_differences import KNOWN, NOT_YET
from tests.conformance.suite.case import Case, all_cases
from tests.conformance.suite.run import compared_virtually, golden

SERVED = [case for case in all_cases() if case.area not in NOT_YET]


@pytest.mark.parametrize("case", SERVED, ids=[case.path for case in SERVED])
def test_a_simulated_broker_answers_as_apache_kafka_did(case: Case) -> None:
    found = compared_virtually(case)

    if case.path in KNOWN:
        assert not found.is_equal, f"it is equal now: take {case.path} out of the known differences"
    else:
        assert found.differences == []


def test_every_known_difference_is_of_a_case_that_there_is_and_has_a_reason() -> None:
    paths = {case.path for case in all_cases()}

    assert KNOWN.keys() <= paths
    assert all(KNOWN.values())


def test_every_recorded_case_is_there() -> None:
    by_area: dict[str, set[str]] = {}
    for case in all_cases():
        by_area.setdefault(case.area, set()).add(case.name)

    assert {area: set(golden(area)) for area in by_area} == by_area
