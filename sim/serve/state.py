"""What a served cluster is like at one moment, as plain values that go over the control port and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState
    from sim.serve.simulation import Simulation


class BrokerView(NamedTuple):
    """One broker."""

    id: int
    host: str
    port: int
    state: str
    """`up`, `paused`, `down`, or `off`: a machine without power."""
    is_serving: bool
    """Whether whoever connects is accepted: one that has just started is up, and serves nobody yet."""


class PartitionView(NamedTuple):
    """One partition, as the controller has it."""

    topic: str
    partition: int
    leader: int
    """-1 for nobody."""
    leader_epoch: int
    replicas: list[int]
    isr: list[int]
    high_watermark: int
    """At the leader; -1 where nobody leads."""


class ClientView(NamedTuple):
    """Whoever comes from one address, which is what faults of links call it."""

    address: str
    connections: int


class ClusterView(NamedTuple):
    """The whole cluster."""

    at_us: int
    """Virtual time since the story's begin."""
    lag_us: int
    """How far the world is behind the clock on the wall: more than a little on a machine that is too slow."""
    controller: str
    """The host of the active controller; empty while there is none."""
    brokers: list[BrokerView]
    partitions: list[PartitionView]
    clients: list[ClientView]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            **self._asdict(),
            "brokers": [one._asdict() for one in self.brokers],
            "partitions": [one._asdict() for one in self.partitions],
            "clients": [one._asdict() for one in self.clients],
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> ClusterView:
        """Read what `as_json` gives; fields that a later version adds are passed over."""
        return cls(
            at_us=given["at_us"],
            lag_us=given["lag_us"],
            controller=given["controller"],
            brokers=[_read(BrokerView, one) for one in given["brokers"]],
            partitions=[_read(PartitionView, one) for one in given["partitions"]],
            clients=[_read(ClientView, one) for one in given["clients"]],
        )


def view_of(simulation: Simulation, *, lag_us: int) -> ClusterView:
    """Look at a cluster now."""
    cluster = simulation.cluster
    watermarks = cluster.committed()

    def partition(state: PartitionState) -> PartitionView:
        return PartitionView(
            state.tp.topic,
            state.tp.partition,
            state.leader,
            state.leader_epoch,
            list(state.replicas),
            list(state.isr),
            watermarks.get(state.tp, -1),
        )

    return ClusterView(
        at_us=simulation.world.now_us - simulation.trace.begun_us,
        lag_us=lag_us,
        controller=cluster.quorum.active or "",
        brokers=[
            BrokerView(
                broker_id,
                *cluster.config.advertised_of(broker_id),
                broker.host.state.value,
                broker.host.on_connection is not None and broker.host.is_up,
            )
            for broker_id, broker in cluster.brokers.items()
        ],
        partitions=[partition(state) for state in cluster.controller.metadata.partitions.values()],
        clients=[ClientView(*one) for one in simulation.gate.addresses.items()],
    )


def _read(view: Any, given: dict[str, Any]) -> Any:
    return view(**{name: given[name] for name in view._fields})
