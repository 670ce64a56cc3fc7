"""Whatever bytes about groups a client sends, the world goes on, no broker fails, and who behaves is a member."""

from random import Random

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from sim.trace.events import BatchAppended, HandlerFailed
from tests.unit.sim.cluster.test_hostile_clients import Hostile
from tests.unit.sim.group_client import OFFSETS, GroupLab
from tests.unit.sim.raw_client import RawConnection

APIS = (
    ApiKey.FIND_COORDINATOR,
    ApiKey.JOIN_GROUP,
    ApiKey.JOIN_GROUP,
    ApiKey.SYNC_GROUP,
    ApiKey.HEARTBEAT,
    ApiKey.LEAVE_GROUP,
    ApiKey.OFFSET_COMMIT,
    ApiKey.OFFSET_COMMIT,
    ApiKey.OFFSET_FETCH,
    ApiKey.OFFSET_DELETE,
    ApiKey.DESCRIBE_GROUPS,
    ApiKey.LIST_GROUPS,
    ApiKey.DELETE_GROUPS,
)
REQUESTS = 1_000


@pytest.mark.parametrize("seed", range(8))
def test_no_bytes_about_groups_end_the_world_or_fail_a_broker(seed: int) -> None:
    lab = GroupLab(is_served=True, offsets_topic_partitions=1)
    chance = Random(seed)
    hostile = Hostile(chance, lab.cluster.controller.metadata.topics["orders"].topic_id)
    connections: dict[int, RawConnection] = {}

    for _ in range(REQUESTS):
        line = chance.randrange(6)
        if line not in connections or not connections[line].is_open:
            connections[line] = lab.client.connect(lab.coordinator)
            connections[line].endpoint.on_received = lambda _: None
        connections[line].endpoint.send(hostile.frame(APIS))
        lab.run(chance.choice((0, 0, 0.01, 0.01, 0.5)))
    lab.run(2)

    assert lab.events(HandlerFailed) == []
    assert len(lab.events(BatchAppended, topic=OFFSETS)) > 3
    assert lab.commit(5, line=lab.client.connect(lab.coordinator), group="quiet") == Code.NONE
    assert lab.settle()
