"""What a connection begins with: versions, capped where that is wanted, and the cluster's finalized features."""

from importlib.metadata import version

import pytest

from producer.client import agreement
from producer.client.agreement import Agreement, FinalizedFeatures
from producer.client.links import BOOTSTRAP_NODE_ID
from producer.errors import PeerError, UnsupportedVersionError
from producer.wire.api import ApiKey, VersionRange
from producer.wire.codec import encode
from producer.wire.messages import api_versions
from tests.unit.producer.client.desk import Desk, Question


def agreed(lowest: int, highest: int) -> Agreement:
    return Agreement({ApiKey.PRODUCE: VersionRange(lowest, highest)}, None, 0)


def test_brokers_are_told_the_version_of_this_distribution() -> None:
    assert version("acklab") == agreement.SOFTWARE_VERSION


@pytest.mark.parametrize(("at_most", "spoken"), [(None, 12), (11, 11), (12, 12), (99, 12)])
def test_a_cap_lowers_the_version_and_never_raises_it(at_most: int | None, spoken: int) -> None:
    assert agreed(3, 12).version_of(ApiKey.PRODUCE, at_most) == spoken


def test_a_cap_below_what_the_broker_speaks_names_what_both_sides_speak() -> None:
    with pytest.raises(UnsupportedVersionError, match="at most 11 is wanted, both sides speak 12-13"):
        agreed(12, 13).version_of(ApiKey.PRODUCE, 11)


@pytest.mark.parametrize("spoken", [3, 4])
def test_finalized_features_are_kept_with_their_epoch(spoken: int) -> None:
    told = api_versions.ApiVersionsResponse(
        api_keys=(api_versions.ApiVersion(0, 3, 13),),
        finalized_features_epoch=7,
        finalized_features=(api_versions.FinalizedFeature("transaction.version", 2, 0),),
    )

    read = agreement.read(encode(told, spoken), spoken, node_id=1)

    assert isinstance(read, Agreement)
    assert read.finalized_features == FinalizedFeatures(7, {"transaction.version": 2})


def test_what_two_brokers_say_alike_is_read_once_and_a_refusal_names_who_refused_all_the_same() -> None:
    agrees = encode(api_versions.ApiVersionsResponse(api_keys=(api_versions.ApiVersion(0, 3, 13),)), 4)
    refuses = encode(api_versions.ApiVersionsResponse(error_code=29), 4)

    assert agreement.read(agrees, 4, node_id=1) is agreement.read(agrees, 4, node_id=2)
    for node_id in (1, 2):
        with pytest.raises(PeerError, match=f"broker {node_id} refused ApiVersions 4 with code 29"):
            agreement.read(refuses, 4, node_id=node_id)


def test_an_answer_of_any_length_is_read_and_a_long_one_is_not_kept() -> None:
    many = tuple([api_versions.ApiVersion(key, 0, 1) for key in range(2_000)])
    told = encode(api_versions.ApiVersionsResponse(api_keys=many), 4)

    first, second = (agreement.read(told, 4, node_id=1) for _ in range(2))

    assert isinstance(first, Agreement)
    assert len(first.versions) == len(many)
    assert first == second
    assert first is not second


def test_a_broker_that_finalizes_nothing_has_no_features() -> None:
    told = api_versions.ApiVersionsResponse(api_keys=(api_versions.ApiVersion(0, 3, 13),))

    read = agreement.read(encode(told, 4), 4, node_id=1)

    assert isinstance(read, Agreement)
    assert read.finalized_features is None


def test_the_features_of_each_broker_are_kept() -> None:
    desk = Desk(brokers=2)
    assert desk.bare.client.links.finalized_features(BOOTSTRAP_NODE_ID) is None
    desk.brokers.finalized = (api_versions.FinalizedFeature("transaction.version", 2, 2),)

    desk.ask(Question("a"))

    assert desk.bare.client.links.finalized_features(BOOTSTRAP_NODE_ID) == FinalizedFeatures(
        1, {"transaction.version": 2}
    )
    assert desk.bare.client.links.finalized_features(1) is None, "it was not asked"
