"""DeleteTopics at the controller: by name or by id, each topic for itself (ControllerApis.deleteTopics)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteTopicState,
)
from producer.wire.schema import ZERO_ID
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.envelope import RefusedError
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.metadata_states import TopicState
    from sim.cluster.security.rights import Asker


def handle(decisions: Decisions, wanted: DeleteTopicsRequest, asker: Asker) -> DeleteTopicsResponse:
    """Delete what there is. Raises RefusedError for the whole of a request."""
    check_deadline(wanted.timeout_ms)
    asked = [*wanted.topics, *(DeleteTopicState(name) for name in wanted.topic_names)]
    results = [_nonsense(one) for one in asked if (one.name is None) == (one.topic_id == ZERO_ID)]
    names = Counter(one.name for one in asked if one.name is not None and one.topic_id == ZERO_ID)
    ids = Counter(one.topic_id for one in asked if one.name is None and one.topic_id != ZERO_ID)
    results += [_refused("Duplicate topic name.", name=name) for name, count in names.items() if count > 1]
    results += [_refused("Duplicate topic id.", topic_id=topic_id) for topic_id, count in ids.items() if count > 1]
    results += _Deletion(decisions, asker).results_of(names, ids)
    decisions.metadata.commit()
    return DeleteTopicsResponse(responses=tuple(results))


def _nonsense(asked: DeleteTopicState) -> DeletableTopicResult:
    if asked.name is None:
        return _refused("Neither a topic's name nor its id is given.")
    return _refused("Both a topic's name and its id are given.", name=asked.name, topic_id=asked.topic_id)


def _refused(text: str, *, name: str | None = None, topic_id: bytes = ZERO_ID) -> DeletableTopicResult:
    return DeletableTopicResult(name, topic_id, Code.INVALID_REQUEST, text)


class _Deletion:
    """What somebody may delete, and may be told of (ControllerApis.deleteTopics)."""

    def __init__(self, decisions: Decisions, asker: Asker) -> None:
        self._decisions = decisions
        self._asker = asker
        self._may_all = decisions.rights.allows_on_cluster(asker, Operation.DELETE, is_told=False)

    def _may(self, operation: Operation, name: str) -> bool:
        return self._may_all or self._decisions.rights.allows(self._asker, operation, ResourceKind.TOPIC, name)

    def results_of(self, names: Counter[str], ids: Counter[bytes]) -> list[DeletableTopicResult]:
        """Delete those that were named once."""
        topics = self._decisions.metadata.topics
        by_id = {topic.topic_id: topic for topic in topics.values()}
        results: list[DeletableTopicResult] = []
        going: dict[bytes, TopicState] = {}
        for topic_id in (topic_id for topic_id, count in ids.items() if count == 1):
            known = by_id.get(topic_id)
            if known is None:
                results.append(_unknown(Code.UNKNOWN_TOPIC_ID, topic_id=topic_id))
            elif self._may(Operation.DELETE, known.name):
                going[topic_id] = known
            else:
                is_told = self._may(Operation.DESCRIBE, known.name)
                results.append(_unauthorized(name=known.name if is_told else None, topic_id=topic_id))
        for name in (name for name, count in names.items() if count == 1):
            known = topics.get(name)
            if not self._may(Operation.DESCRIBE, name):
                results.append(_unauthorized(name=name))
            elif known is None:
                results.append(_unknown(Code.UNKNOWN_TOPIC_OR_PARTITION, name=name))
            elif not self._may(Operation.DELETE, name):
                results.append(_unauthorized(name=name))
            elif ids[known.topic_id]:
                going.pop(known.topic_id, None)
                results.append(_refused("The topic is named by its id as well.", name=name, topic_id=known.topic_id))
            else:
                going[known.topic_id] = known
        return results + [self._removed(topic) for topic in going.values()]

    def _removed(self, topic: TopicState) -> DeletableTopicResult:
        replication = self._decisions.replication
        try:
            self._decisions.permits.take(len(replication.partitions_of(topic.name)))
        except RefusedError as error:
            return DeletableTopicResult(topic.name, topic.topic_id, *error.refusal)
        replication.put_removal(topic)
        return DeletableTopicResult(topic.name, topic.topic_id)


def _unauthorized(*, name: str | None, topic_id: bytes = ZERO_ID) -> DeletableTopicResult:
    return DeletableTopicResult(name, topic_id, Code.TOPIC_AUTHORIZATION_FAILED, "Topic authorization failed.")


def _unknown(code: Code, *, name: str | None = None, topic_id: bytes = ZERO_ID) -> DeletableTopicResult:
    what = "topic id" if code is Code.UNKNOWN_TOPIC_ID else "topic or partition"
    return DeletableTopicResult(name, topic_id, code, f"This server does not know this {what}.")
