"""A cluster for hours: clients by the thousand come, work and leave, and nothing of them stays but their records."""

import gc
from collections import Counter
from typing import TYPE_CHECKING

from producer.config.config import ProducerConfig
from producer.records import Record
from producer.wire.api import ApiKey
from producer.wire.messages.metadata import MetadataRequest
from sim.clients.drivers import SimProducer
from sim.trace.events import RecordAcknowledged
from tests.unit.sim.raw_client import Lab, RawClient, part_of, send_batch

if TYPE_CHECKING:
    from sim.clients.drivers import Story

# A declaration is read when its message is used first, by whomever.
READ_ONCE = ("producer.wire.schema", "producer.wire.compiler.")
ROOMS = ("sim.world.", "sim.cluster.", "sim.clients.", "producer.client.", "producer.engine.", "producer.wire.")


def living() -> Counter[str]:
    """How many objects of our rooms there are, by class; values in the trace and in the logs left out."""
    gc.collect()
    kinds = [type(one) for one in gc.get_objects()]
    # Of some foreign classes `__module__` is no text.
    return Counter(
        f"{kind.__module__}.{kind.__name__}"
        for kind in kinds
        if str(kind.__module__).startswith(ROOMS)
        and not str(kind.__module__).startswith(READ_ONCE)
        and not issubclass(kind, tuple)
    )


def visit(lab: Lab, number: int) -> None:
    """One client's life: metadata, one record, and away; every third without waiting for its answer."""
    client = RawClient(lab.cluster, f"visitor-{number}")
    connection = client.connect(1)
    assert connection.call(ApiKey.METADATA, MetadataRequest(None)) is not None
    sent = send_batch(connection, b"%d" % number)
    if number % 3:
        assert part_of(connection.wait(sent)).error_code == 0
    lab.cluster.network.remove_host(client.host.name)


def test_thousands_of_clients_leave_nothing_behind() -> None:
    lab = Lab()
    for number in range(50):
        visit(lab, number)
    lab.run(400)
    hosts, streams, before = list(lab.cluster.network.hosts), len(lab.world._streams), living()

    for number in range(50, 2_050):
        visit(lab, number)
    lab.run(400)

    assert len(lab.client.read()) == 2_050
    assert list(lab.cluster.network.hosts) == hosts
    # The one reader's connection of a moment ago is its own.
    assert len(lab.world._streams) <= streams + 2
    grown = {kind: count - before[kind] for kind, count in living().items() if count > before[kind] + 10}
    assert grown == {}


def produce_one(producer: SimProducer, number: int) -> "Story":
    yield from producer.send(Record("orders", b"%d" % number), number)
    yield from producer.flush()
    if number % 2:
        yield from producer.close()


def test_producers_that_leave_take_their_engines_and_their_timers_along() -> None:
    lab = Lab()
    servers = ",".join(f"{host}:{port}" for host, port in lab.cluster.bootstrap)
    config = ProducerConfig.from_properties({"bootstrap.servers": servers})

    def live(first: int, last: int) -> None:
        """A crowd comes, half of it closes and lingers, all of it leaves."""
        crowd = [SimProducer(lab.cluster, config, name=f"producer-{number}") for number in range(first, last)]
        for number, producer in enumerate(crowd, start=first):
            lab.world.story(produce_one(producer, number))
        lab.run(700)
        for producer in crowd:
            producer.leave()
        lab.run(700)

    live(0, 20)
    waiting, before = len(lab.world._queue), living()
    live(20, 220)

    assert len(lab.events(RecordAcknowledged)) == 220
    assert len(lab.world._queue) <= waiting + 10
    grown = {kind: count - before[kind] for kind, count in living().items() if count > before[kind] + 10}
    # What a partition remembers of its idempotent producers it remembers for a day (producer.id.expiration.ms).
    assert {kind for kind in grown if not kind.startswith("sim.cluster.broker.producer_state.")} == set()
