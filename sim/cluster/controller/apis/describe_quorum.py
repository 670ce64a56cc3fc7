"""DescribeQuorum at the controller: who leads, and how far each voter and each broker is (KafkaRaftClient.handleDescribeQuorumRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    Listener,
    Node,
    QuorumPartitionResponse,
    QuorumReplica,
    QuorumTopicResponse,
)
from sim.cluster.config import CONTROLLER_PORT, controller_id_of

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.controller.progress import Progress

_THE_PARTITION = ("__cluster_metadata", 0)


def handle(decisions: Decisions, wanted: DescribeQuorumRequest) -> DescribeQuorumResponse:
    """Describe the one quorum; whoever asks for anything else, even beside it, is told that it is not here."""
    asked = [(topic, one.partition_index) for topic, partitions in wanted.topics for one in partitions]
    is_known = asked == [_THE_PARTITION]
    topics = tuple(
        QuorumTopicResponse(
            topic,
            tuple(_quorum(decisions) if is_known else _unknown(one.partition_index) for one in partitions),
        )
        for topic, partitions in wanted.topics
    )
    return DescribeQuorumResponse(topics=topics, nodes=_nodes(decisions) if is_known else ())


def _unknown(index: int) -> QuorumPartitionResponse:
    return QuorumPartitionResponse(index, Code.UNKNOWN_TOPIC_OR_PARTITION, "There is no quorum of that partition here.")


def _nodes(decisions: Decisions) -> tuple[Node, ...]:
    return tuple(
        Node(controller_id_of(host, decisions.config), (Listener("CONTROLLER", host, CONTROLLER_PORT),))
        for host in decisions.config.controller_hosts
    )


def _quorum(decisions: Decisions) -> QuorumPartitionResponse:
    config, office, end_offset = decisions.config, decisions.office, decisions.metadata.offset
    now_ms = decisions.calendar_ms(decisions.now_us)
    voters = []
    for host in config.controller_hosts:
        number = controller_id_of(host, config)
        if host == office.host_name:
            voters.append(
                QuorumReplica(
                    number, log_end_offset=end_offset, last_fetch_timestamp=now_ms, last_caught_up_timestamp=now_ms
                )
            )
        else:
            voters.append(_replica(decisions, number, office.voters.of(host)))
    return QuorumPartitionResponse(
        leader_id=controller_id_of(office.host_name, config),
        leader_epoch=office.epoch,
        high_watermark=end_offset,
        current_voters=tuple(voters),
        observers=tuple(_observer(decisions, broker) for broker in sorted(decisions.observers.everybody())),
    )


def _observer(decisions: Decisions, broker: int) -> QuorumReplica:
    """Tell of a broker; its copy of the metadata log is in the first of its log directories (metadata.log.dir)."""
    found = _replica(decisions, broker, decisions.observers.of(broker))
    known = decisions.metadata.brokers.get(broker)
    return found._replace(replica_directory_id=known.log_dirs[0]) if known and known.log_dirs else found


def _replica(decisions: Decisions, number: int, progress: Progress | None) -> QuorumReplica:
    if progress is None:
        return QuorumReplica(number, log_end_offset=-1)
    return QuorumReplica(
        number,
        log_end_offset=progress.offset,
        last_fetch_timestamp=decisions.calendar_ms(progress.fetched_at_us),
        last_caught_up_timestamp=-1
        if progress.caught_up_at_us < 0
        else decisions.calendar_ms(progress.caught_up_at_us),
    )
