"""What is asked of a cluster that is up: topics, replicas, leaders, rights and quotas, and who lags behind."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.interop.asking import client_quotas, is_allowed, topic_config
from tests.interop.jars import KafkaError, run_class
from tests.interop.nodes import WAIT_S_MAX, Nodes


class Admin:
    """Speaks to those brokers that are awake at that moment; waits until each of them knows what was asked for.

    A broker knows a moment before its logs heed it: where a test needs that, it looks for itself.
    """

    def __init__(self, nodes: Nodes, folder: Path) -> None:
        """Say whom to ask, and where to write what Kafka's tools read."""
        self._nodes = nodes
        self._folder = folder

    # -- topics --------------------------------------------------------------------------------------------------------

    def create_topic(
        self,
        name: str,
        *,
        partitions: int = 1,
        replicas: list[list[int]] | None = None,
        config: dict[str, str] | None = None,
    ) -> None:
        """A topic whose leaders are elected: a replica on each of up to three brokers, unless `replicas` says where.

        The first replica named leads; without `replicas` partition 0 is led by broker 1, the next by broker 2 and so on.
        """
        topic = NewTopic(
            name, partitions, replica_assignment=replicas or self._in_turn(partitions), config=config or {}
        )
        client = self._client()
        client.create_topics([topic])[name].result(WAIT_S_MAX)
        self._nodes.wait_for(
            lambda: [name for view in self._views() if not _is_led(view, name)], "leaders to be elected"
        )
        self._nodes.wait_for(self.lagging_replicas, "replicas to come in sync")

    def delete_topic(self, name: str) -> None:
        """Delete a topic, and wait until no broker knows it any more."""
        client = self._client()
        client.delete_topics([name])[name].result(WAIT_S_MAX)
        self._nodes.wait_for(lambda: [name for view in self._views() if name in view.topics], "the topic to go")

    def add_partitions(self, topic: str, *, total: int) -> None:
        """Let the topic have so many partitions, each with a leader."""
        new = self._in_turn(total)[len(self._metadata().topics[topic].partitions) :]
        client = self._client()
        client.create_partitions([NewPartitions(topic, total, new)])[topic].result(WAIT_S_MAX)

        def is_there(view: ClusterMetadata) -> bool:
            return _is_led(view, topic) and len(view.topics[topic].partitions) == total

        self._nodes.wait_for(lambda: [topic for view in self._views() if not is_there(view)], f"{total} partitions")

    def reassign(self, topics: Iterable[str], replicas: list[list[int]]) -> None:
        """Let partition 0 of each topic have its replicas on the first of these lists of brokers, and so on; wait for it."""
        wanted = {(topic, number): brokers for topic in topics for number, brokers in enumerate(replicas)}
        plan = self._folder / "reassignment.json"
        moves = [{"topic": topic, "partition": number, "replicas": to} for (topic, number), to in wanted.items()]
        plan.write_text(json.dumps({"version": 1, "partitions": moves}))
        run_class(
            "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
            *("--bootstrap-server", self._bootstrap, "--reassignment-json-file", str(plan), "--execute"),
        )

        def missing() -> list[str]:
            return [
                f"{topic}-{number}"
                for view in self._views()
                for (topic, number), to in wanted.items()
                if view.topics[topic].partitions[number].replicas != to
            ]

        self._nodes.wait_for(missing, "replicas to move")

    def elect_preferred(self, topics: Iterable[str]) -> None:
        """Let the first replica of each partition lead."""
        topics = list(topics)
        found = self._metadata().topics
        partitions = [TopicPartition(topic, number) for topic in topics for number in found[topic].partitions]
        client = self._client()
        elected = client.elect_leaders(ElectionType.PREFERRED, partitions).result(WAIT_S_MAX)
        errors = [f"{at.topic}-{at.partition}: {error}" for at, error in elected.items() if error]
        if errors:
            raise KafkaError(f"no election of {errors}")

        def led_by_others() -> list[str]:
            return [
                f"{at.topic}-{at.partition}"
                for view in self._views()
                for at in partitions
                if (one := view.topics[at.topic].partitions[at.partition]).leader != one.replicas[0]
            ]

        self._nodes.wait_for(led_by_others, "the first replicas to lead")

    def elect_unclean(self, topic: str) -> None:
        """Let anybody alive lead partition 0, which nobody does."""
        partition = TopicPartition(topic, 0)
        client = self._client()
        error = client.elect_leaders(ElectionType.UNCLEAN, [partition]).result(WAIT_S_MAX)[partition]
        if error:
            raise KafkaError(f"no election of {topic}-0: {error}")
        self._nodes.wait_for(lambda: [topic for view in self._views() if not _is_led(view, topic)], "a leader")

    def set_topic_config(self, topic: str, name: str, value: str) -> None:
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        client = self._client()
        client.incremental_alter_configs([resource])[resource].result(WAIT_S_MAX)
        self._wait_known(lambda port: topic_config(port, topic, name) == value, f"{name}={value} on {topic}")

    def allow(self, user: str, operation: AclOperation, topic: str) -> None:
        """Let a user do that with the topic; only where there is an authorizer."""
        acl = (
            *(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL),
            *(f"User:{user}", "*", operation, AclPermissionType.ALLOW),
        )
        binding = AclBinding(*acl)
        client = self._client()
        client.create_acls([binding])[binding].result(WAIT_S_MAX)
        self._wait_known(
            lambda port: is_allowed(port, user, operation.value, topic), f"that {user} may {operation.name} {topic}"
        )

    def set_quota(self, *, client_id: str, producer_byte_rate: int) -> None:
        """Let each broker take no more than so many bytes a second of that client."""
        run_class(
            "kafka.admin.ConfigCommand",
            *("--bootstrap-server", self._bootstrap, "--alter", "--entity-type", "clients", "--entity-name", client_id),
            *("--add-config", f"producer_byte_rate={producer_byte_rate}"),
        )
        self._wait_known(
            lambda port: client_quotas(port, client_id) == {"producer_byte_rate": producer_byte_rate},
            f"the quota of {client_id}",
        )

    def leader(self, topic: str, partition: int) -> int:
        """The broker that leads the partition now, -1 when none does."""
        return int(self._metadata().topics[topic].partitions[partition].leader)

    def wait_new_leader(self, topic: str, partition: int, *, after: int) -> int:
        """Wait until another broker than `after` leads."""
        self._nodes.wait_for(
            lambda: ["leader"] if self.leader(topic, partition) in (-1, after) else [], f"a leader other than {after}"
        )
        return self.leader(topic, partition)

    # -- who lags behind ------------------------------------------------------------------------------------------------

    def missing_brokers(self) -> list[int]:
        return sorted(set(self._nodes.broker_ids) - set(self._metadata().brokers))

    def in_sync_on(self, broker_id: int) -> list[str]:
        return [
            f"{name}-{number}"
            for view in self._views()
            for name, topic in view.topics.items()
            for number, one in topic.partitions.items()
            if broker_id in one.isrs and one.isrs != [broker_id]
        ]

    def lagging_replicas(self) -> list[str]:
        topics = self._metadata().topics
        return [
            f"{name}-{number}: {sorted(set(one.replicas) - set(one.isrs))}"
            for name, topic in topics.items()
            for number, one in topic.partitions.items()
            if set(one.replicas) != set(one.isrs) or one.leader == -1
        ]

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _wait_known(self, is_known_at: Callable[[int], bool], what: str) -> None:
        """Wait until each broker that is awake says so, asked by the port where it listens.

        The controller has answered by then; its record reaches brokers later. A client of a library would ask whom it likes.
        """

        def unaware() -> list[int]:
            return [one for one in self._nodes.awake if not is_known_at(self._nodes[one].listeners["PLAINTEXT"])]

        self._nodes.wait_for(unaware, f"{what} to be known to brokers")

    def _metadata(self) -> ClusterMetadata:
        return next(self._views())

    def _views(self) -> Iterator[ClusterMetadata]:
        """The cluster as each broker that is awake sees it; a new topic is not known to all at once."""
        for broker_id in self._nodes.awake:
            yield self._client([broker_id]).list_topics(timeout=10)

    def _in_turn(self, partitions: int) -> list[list[int]]:
        brokers = self._nodes.broker_ids
        turned = [brokers[start:] + brokers[:start] for start in range(len(brokers))]
        return [turned[number % len(turned)][:3] for number in range(partitions)]

    @property
    def _bootstrap(self) -> str:
        return self._nodes.addresses(self._nodes.broker_ids)

    def _client(self, broker_ids: list[int] | None = None) -> AdminClient:
        """A client of those brokers, or of all that are awake. Hold it until its answer is there: it dies with its name."""
        # One that lives on remembers brokers that are dead or paused by now, and waits for their answer.
        servers = self._nodes.addresses(self._nodes.awake if broker_ids is None else broker_ids)
        return AdminClient({"bootstrap.servers": servers, "log_level": 0})


def _is_led(view: ClusterMetadata, topic: str) -> bool:
    found = view.topics.get(topic)
    return found is not None and bool(found.partitions) and all(one.leader != -1 for one in found.partitions.values())
