"""The table of pairs: our verdicts, Apicurio Registry's and Apache Avro's are one, or the difference has a reason."""

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse as parsed_by_apache

from producer.schemas.compatibility import CompatibilityLevel, Rules, check, incompatibilities
from tests.registry.apicurio import recorded
from tests.registry.cases import Case, cases
from tests.registry.known_differences import APICURIO

each_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case.key)
each_avro = pytest.mark.parametrize("case", cases("avro"), ids=lambda case: case.name)


def verdicts(case: Case, rules: Rules = Rules.CONFLUENT) -> dict[str, bool]:
    old, new = case.parsed()
    return {level: not check(level, new, [old], rules) for level in CompatibilityLevel}


def of_levels(*, backward: bool, forward: bool) -> dict[str, bool]:
    once = {"BACKWARD": backward, "FORWARD": forward, "FULL": backward and forward}
    return {"NONE": True} | once | {f"{level}_TRANSITIVE": holds for level, holds in once.items()}


def test_the_table_is_long_enough_and_names_each_pair_once() -> None:
    assert len(cases()) >= 150
    assert len({case.key for case in cases()}) == len(cases())
    for of in ("avro", "protobuf", "json_schema"):
        assert {(case.backward, case.forward) for case in cases(of)} == {
            (backward, forward) for backward in (False, True) for forward in (False, True)
        }


@each_case
def test_each_level_says_what_the_table_says(case: Case) -> None:
    assert verdicts(case) == of_levels(backward=case.backward, forward=case.forward)


@each_case
def test_a_reason_names_a_place_and_a_rule(case: Case) -> None:
    old, new = case.parsed()

    for one in (*incompatibilities(new, old), *incompatibilities(old, new)):
        assert one.path
        assert one.rule.isupper()
        assert one.message


@each_case
def test_apicurio_says_the_same_or_the_reason_is_known(case: Case) -> None:
    # Of Protobuf it has rules of its own, which are a setting here.
    ours = verdicts(case, Rules.APICURIO)
    theirs = recorded()[case.key]

    assert ({level: ours[level] for level in theirs} != theirs) == (case.key in APICURIO)


def test_every_difference_from_apicurio_is_one_of_the_table() -> None:
    assert set(APICURIO) <= {case.key for case in cases()}
    assert set(recorded()) == {case.key for case in cases()}


@each_avro
def test_apache_avro_says_the_same(case: Case) -> None:
    old, new = parsed_by_apache(case.old), parsed_by_apache(case.new)

    backward, forward = (
        ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
        .get_compatibility(reader, writer)
        .compatibility
        is SchemaCompatibilityType.compatible
        for reader, writer in ((new, old), (old, new))
    )

    assert (backward, forward) == (case.backward, case.forward)
