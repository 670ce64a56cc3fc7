"""Many faults at once: whatever was done to it, a healed cluster settles, its replicas agree, and acks=all holds."""

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.broker import DropResponse, Rule
from sim.cluster.topic_config import TopicConfig
from sim.world.kernel import Stream
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection, part_of, send_batch

STEPS = 50
PARTITIONS = tuple(TopicPartition("orders", number) for number in range(3))


def disturb(lab: Lab, chance: Stream) -> None:
    """Do one thing to one broker; what makes no sense just now is left out."""
    cluster, network = lab.cluster, lab.cluster.network
    broker = chance.randrange(3) + 1
    name, other = f"b{broker}", f"b{broker % 3 + 1}"
    one_way = bool(chance.randrange(2))
    partition = PARTITIONS[chance.randrange(3)]
    try:
        match chance.randrange(12):
            case 0:
                cluster.crash(broker)
            case 1:
                cluster.restart(broker)
            case 2:
                cluster.pause(broker)
            case 3:
                cluster.resume(broker)
            case 4:
                network.cut(name, other, one_way=one_way)
            case 5:
                network.cut(name, "controller", one_way=one_way)
            case 6:
                network.hold(name, "c1", one_way=one_way)
            case 7:
                network.open(name)
            case 8:
                network.reset(name)
            case 9:
                cluster.shrink_isr(partition, (broker,), chance.randrange(20_000_000))
            case 10:
                cluster.move_leader(partition, broker)
            case _:
                cluster.tamper(None, Rule(DropResponse()))
    except ValueError:
        pass


@pytest.mark.parametrize("seed", range(12))
def test_a_healed_cluster_settles_agrees_and_kept_what_it_acknowledged_to_acks_all(seed: int) -> None:
    lab = Lab(TopicConfig("orders", partitions=3), seed=seed)
    chance = Stream(seed=seed, name="chaos")
    sent: list[tuple[TopicPartition, bytes, RawConnection, int]] = []

    for _ in range(STEPS):
        disturb(lab, chance)
        for _ in range(chance.randrange(4)):
            partition = PARTITIONS[chance.randrange(3)]
            leader = lab.cluster.leader_of(partition)
            connection = lab.client.connect(leader) if leader > 0 else None
            if connection is not None and connection.is_open:
                value = b"%d" % len(sent)
                sent.append((partition, value, connection, send_batch(connection, value, tp=partition)))
        lab.run(chance.randrange(6_000) / 1_000)
    lab.cluster.heal()

    assert lab.settle()
    for partition in PARTITIONS:
        logs = [broker.disk.directories[0].file(str(partition)).entries for broker in lab.cluster.brokers.values()]
        assert logs[0] == logs[1] == logs[2]
        visible = lab.client.read(partition)
        for of, value, connection, correlation_id in sent:
            answer = connection.answers.get(correlation_id)
            if of == partition and answer is not None and part_of(answer).error_code == Code.NONE:
                assert value in visible
    assert lab.cluster.leader_of(ORDERS) > 0
