"""UpdateFeatures: transaction.version and group.version are switched while the cluster runs; whatever else it was made with stays (KIP-584)."""

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.api_versions import ApiVersionsRequest
from producer.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from sim.trace.events import FeatureUpdated
from tests.unit.sim.raw_client import Lab

NAME = "transaction.version"
UPGRADE, SAFE, UNSAFE = 1, 2, 3


def update(lab: Lab, level: int, kind: int, *, name: str = NAME, is_dry: bool = False) -> Any:
    wanted = UpdateFeaturesRequest(60_000, (FeatureUpdateKey(name, level, upgrade_type=kind),), is_dry)
    answer = lab.client.connect(2).call(ApiKey.UPDATE_FEATURES, wanted)
    lab.run(0.1)
    return Code(answer.error_code)


def level(lab: Lab, broker: int = 1) -> int:
    """What a broker tells of the feature; 0 where it tells nothing."""
    answer = lab.client.connect(broker).call(ApiKey.API_VERSIONS, ApiVersionsRequest("raw", "1"))
    levels: dict[str, int] = {one.name: one.max_version_level for one in answer.finalized_features}
    return levels.get(NAME, 0)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_cluster_is_made_with_a_level_that_every_broker_tells(version: int) -> None:
    lab = Lab(transaction_version=version)

    assert [level(lab, broker) for broker in (1, 2, 3)] == [version] * 3


def test_a_level_is_raised_and_lowered_and_every_broker_tells_the_new_one() -> None:
    lab = Lab()

    codes = [update(lab, 1, SAFE), update(lab, 0, UNSAFE), update(lab, 2, UPGRADE), update(lab, 2, UPGRADE)]

    assert codes == [Code.NONE] * 4
    assert [(event.feature, event.level) for event in lab.events(FeatureUpdated)] == [(NAME, 1), (NAME, 0), (NAME, 2)]
    assert [level(lab, broker) for broker in (1, 2, 3)] == [2] * 3


def test_a_broker_that_starts_later_knows_the_level() -> None:
    lab = Lab()
    lab.cluster.crash(3)
    lab.run(12)
    assert update(lab, 1, SAFE) is Code.NONE

    lab.cluster.restart(3)
    assert lab.settle()

    assert level(lab, 3) == 1


@pytest.mark.parametrize(
    ("wanted", "kind", "name"),
    [
        (1, UPGRADE, NAME),
        (2, SAFE, "group.version"),
        (0, UPGRADE, "group.version"),
        (3, UPGRADE, NAME),
        (1, 0, NAME),
        (1, 4, NAME),
        (1, UPGRADE, "unknown.version"),
    ],
)
def test_what_cannot_be_changes_nothing(wanted: int, kind: int, name: str) -> None:
    lab = Lab()

    assert update(lab, wanted, kind, name=name) is Code.INVALID_UPDATE_VERSION
    assert level(lab) == 2
    assert lab.events(FeatureUpdated) == []


def test_a_downgrade_that_goes_up_is_refused() -> None:
    lab = Lab(transaction_version=1)

    assert update(lab, 2, SAFE) is Code.INVALID_UPDATE_VERSION
    assert level(lab) == 1


def test_who_only_asks_what_would_happen_changes_nothing() -> None:
    lab = Lab()

    assert update(lab, 1, SAFE, is_dry=True) is Code.NONE
    assert level(lab) == 2
