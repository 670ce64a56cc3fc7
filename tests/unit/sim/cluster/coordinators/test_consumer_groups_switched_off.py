"""group.version 0: groups by the consumer protocol are refused, stay, and are served again after the upgrade. Asked of Apache Kafka 4.3.1."""

from __future__ import annotations

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from tests.unit.sim.consumer_group_client import ConsumerGroupLab, Member

UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE = 1, 2, 3


def switched(lab: ConsumerGroupLab, level: int, kind: int) -> Code:
    """Ask for group.version to have that level, and let every broker hear of it."""
    update = FeatureUpdateKey("group.version", level, upgrade_type=kind)
    answer = lab.line.call(ApiKey.UPDATE_FEATURES, UpdateFeaturesRequest(5_000, (update,)))
    lab.run(0.1)
    return Code(answer.error_code)


def test_heartbeats_and_descriptions_are_refused_while_it_is_off_and_the_group_is_what_it_was_after() -> None:
    lab = ConsumerGroupLab()
    member = Member(lab, "A")
    member.join()
    member.reconcile(1)
    epoch, owned = member.epoch, member.owned

    assert switched(lab, 0, SAFE_DOWNGRADE) is Code.NONE
    refused = [member.beat().error_code, Member(lab, "B").join().error_code, lab.described().error_code]
    assert switched(lab, 1, UPGRADE) is Code.NONE
    member.beat()

    assert refused == [Code.UNSUPPORTED_VERSION] * 3
    assert (member.epoch, lab.assigned()) == (epoch, {"A": owned})


def test_a_classic_member_joins_while_it_is_off() -> None:
    lab = ConsumerGroupLab()
    switched(lab, 0, UNSAFE_DOWNGRADE)

    told = lab.join(version=3)

    assert (told.error_code, told.generation_id) == (Code.NONE, 1)


def test_it_is_switched_off_by_a_downgrade_and_on_by_an_upgrade() -> None:
    lab = ConsumerGroupLab()

    assert switched(lab, 0, UPGRADE) is Code.INVALID_UPDATE_VERSION
    assert switched(lab, 0, UNSAFE_DOWNGRADE) is Code.NONE
    assert switched(lab, 1, SAFE_DOWNGRADE) is Code.INVALID_UPDATE_VERSION
    assert switched(lab, 1, UNSAFE_DOWNGRADE) is Code.INVALID_UPDATE_VERSION
    assert switched(lab, 1, UPGRADE) is Code.NONE
