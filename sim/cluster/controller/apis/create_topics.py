"""CreateTopics at the controller: each topic for itself, in the order of the request (ControllerApis, ReplicationControlManager)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.controller.assignment import check_assignment
from sim.cluster.controller.placement import place
from sim.cluster.effective_settings import effective
from sim.cluster.envelope import RefusedError
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.settings import TOPIC_CONFIGS, Settings, check_topic_settings
from sim.cluster.topic_config import TopicConfig, do_collide

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.rights import Asker

CLUSTER_METADATA = "__cluster_metadata"
PARTITIONS_MAX = 10_000
"""Of one request (ReplicationControlManager.MAX_PARTITIONS_PER_BATCH)."""
BROKERS_DEFAULT = -1
"""Asks for what brokers have by default; and stands where an assignment says it."""


def handle(decisions: Decisions, wanted: CreateTopicsRequest, asker: Asker) -> CreateTopicsResponse:
    """Create what can be, unless it is only to be validated. Raises RefusedError for the whole of a request."""
    check_deadline(wanted.timeout_ms)
    times = Counter(topic.name for topic in wanted.topics)
    once = [topic.name for topic in wanted.topics if times[topic.name] == 1 and topic.name != CLUSTER_METADATA]
    rights, refused = decisions.rights, set[str]()
    if not rights.allows_on_cluster(asker, Operation.CREATE, is_told=False):
        refused = rights.refused(asker, Operation.CREATE, ResourceKind.TOPIC, once)
    hidden = rights.refused(asker, Operation.DESCRIBE_CONFIGS, ResourceKind.TOPIC, once, is_told=False)
    topics = [topic for topic in wanted.topics if topic.name in once and topic.name not in refused]
    _check_size(decisions, topics)
    creation = _Creation(decisions, hidden, is_real=not wanted.validate_only)
    results = [creation.result_of(topic) for topic in topics]
    decisions.metadata.commit()
    results += [
        _refused(name, RefusedError(Code.INVALID_REQUEST, "Duplicate topic name."))
        for name, count in times.items()
        if count > 1
    ]
    if times[CLUSTER_METADATA] == 1:
        text = f"Creation of internal topic {CLUSTER_METADATA} is prohibited."
        results.append(_refused(CLUSTER_METADATA, RefusedError(Code.INVALID_REQUEST, text)))
    unauthorized = RefusedError(Code.TOPIC_AUTHORIZATION_FAILED, "Authorization failed.")
    results += [_refused(name, unauthorized) for name in once if name in refused]
    return CreateTopicsResponse(topics=tuple(results))


def _check_size(decisions: Decisions, topics: list[CreatableTopic]) -> None:
    by_default = decisions.config.auto_created_topic.partitions
    count = 0
    for topic in topics:
        wanted = by_default if topic.num_partitions == BROKERS_DEFAULT else max(topic.num_partitions, 0)
        count += len(topic.assignments) or wanted
    if count > PARTITIONS_MAX:
        raise RefusedError(Code.POLICY_VIOLATION, f"{count} partitions in one request, {PARTITIONS_MAX} at most")


def _refused(name: str, error: RefusedError) -> CreatableTopicResult:
    return CreatableTopicResult(name, error_code=error.refusal.code, error_message=error.refusal.message)


class _Creation:
    """One request: every topic is held against those that there were before it."""

    def __init__(self, decisions: Decisions, hidden: set[str], *, is_real: bool) -> None:
        """The settings of `hidden` topics are not told."""
        self._decisions = decisions
        self._hidden = hidden
        self._is_real = is_real
        self._before = tuple(decisions.metadata.topics)

    def result_of(self, topic: CreatableTopic) -> CreatableTopicResult:
        """Create one topic, or say why not."""
        try:
            self._check_name(topic.name)
            settings = _settings(topic)
            replicas = self._replicas(topic)
            self._decisions.permits.take(len(replicas))
        except RefusedError as error:
            return _refused(topic.name, error)
        replication = self._decisions.replication
        topic_id = replication.new_topic_id(topic.name)
        if self._is_real:
            config = TopicConfig(topic.name, len(replicas), len(replicas[0]), replicas=replicas)
            replication.put_topic(config, topic_id, settings)
        if topic.name in self._hidden:
            code = Code.TOPIC_AUTHORIZATION_FAILED
            return CreatableTopicResult(topic.name, topic_id, error_message=None, topic_config_error_code=code)
        return CreatableTopicResult(
            topic.name,
            topic_id,
            error_message=None,
            num_partitions=len(replicas),
            replication_factor=len(replicas[0]),
            configs=self._effective(dict(settings)),
        )

    def _check_name(self, name: str) -> None:
        if not is_topic_name(name):
            text = f"Topic name {name!r} is invalid: it has 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-', and is not '.' or '..'"
            raise RefusedError(Code.INVALID_TOPIC_EXCEPTION, text)
        if name in self._before:
            raise RefusedError(Code.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")
        colliding = next((other for other in self._before if do_collide(other, name)), None)
        if colliding is not None:
            text = f"Topic '{name}' collides with '{colliding}': in metrics '.' and '_' are one"
            raise RefusedError(Code.INVALID_TOPIC_EXCEPTION, text)

    def _replicas(self, topic: CreatableTopic) -> tuple[tuple[int, ...], ...]:
        if topic.assignments:
            return self._assigned(topic)
        if topic.replication_factor < BROKERS_DEFAULT or topic.replication_factor == 0:
            text = f"Replication factor is {topic.replication_factor}, must be larger than 0, or -1 for the default"
            raise RefusedError(Code.INVALID_REPLICATION_FACTOR, text)
        if topic.num_partitions < BROKERS_DEFAULT or topic.num_partitions == 0:
            text = f"Number of partitions is {topic.num_partitions}, must be larger than 0, or -1 for the default"
            raise RefusedError(Code.INVALID_PARTITIONS, text)
        by_default = self._decisions.config.auto_created_topic
        is_default, is_factor_default = (
            given == BROKERS_DEFAULT for given in (topic.num_partitions, topic.replication_factor)
        )
        return place(
            self._decisions.metadata.usable_brokers(),
            self._decisions.placement_of(topic.name),
            partitions=by_default.partitions if is_default else topic.num_partitions,
            replication_factor=by_default.replication_factor if is_factor_default else topic.replication_factor,
        )

    def _assigned(self, topic: CreatableTopic) -> tuple[tuple[int, ...], ...]:
        for name, given in (("replication factor", topic.replication_factor), ("numPartitions", topic.num_partitions)):
            if given != BROKERS_DEFAULT:
                text = f"Replicas are assigned by hand, so {name} must be -1, not {given}"
                raise RefusedError(Code.INVALID_REQUEST, text)
        by_number: dict[int, tuple[int, ...]] = {}
        replication_factor = None
        for number, replicas in topic.assignments:
            if number in by_number:
                raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, f"Partition {number} is assigned twice")
            check_assignment(self._decisions.metadata, replicas, replication_factor)
            if not any(self._decisions.metadata.is_active(replica) for replica in replicas):
                text = f"No broker of partition {number} is in service: {replicas}"
                raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, text)
            replication_factor = len(replicas)
            by_number[number] = replicas
        if set(by_number) != set(range(len(by_number))):
            text = f"Partitions are {sorted(by_number)}, must be 0, 1 and so on without a gap"
            raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, text)
        return tuple(replicas for _, replicas in sorted(by_number.items()))

    def _effective(self, own: dict[str, str]) -> tuple[CreatableTopicConfigs, ...]:
        layers = self._decisions.configuration.layers
        told = [setting for setting in TOPIC_CONFIGS.values() if setting.is_told or setting.name in own]
        found = [effective(setting, own, layers) for setting in told]
        return tuple(CreatableTopicConfigs(name, value, config_source=source) for name, value, source in found)


def _settings(topic: CreatableTopic) -> Settings:
    """Give what a topic is to have of its own; of two for one name the later. Raises RefusedError for what cannot be."""
    nulls = [config.name for config in topic.configs if config.value is None]
    if nulls:
        raise RefusedError(Code.INVALID_CONFIG, f"Null value not supported for topic configs: {','.join(nulls)}")
    own = {name: value for name, value in topic.configs if value is not None}
    try:
        check_topic_settings(own)
    except ValueError as error:
        raise RefusedError(Code.INVALID_CONFIG, str(error)) from error
    return tuple(sorted(own.items()))
