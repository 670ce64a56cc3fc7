"""Fetch 4 to 18, for consumers: what lies below the high watermark, now or as soon as there is enough.

Kafka: KafkaApis.handleFetchRequest, DelayedFetch. What a session remembers is `fetch_sessions.py`, what one partition gives is
`fetch_read.py`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import fetch
from producer.wire.schema import ZERO_ID
from sim.cluster.broker.fetch_sessions import Wanted
from sim.cluster.broker.handlers.fetch_read import Reader, failed, read
from sim.cluster.broker.throttling import FETCH, REQUEST, throttle, time_throttle_ms
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from producer.wire.messages.leaders import NodeEndpoint
    from sim.cluster.broker.fetch_sessions import FetchContext, Found, Key
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_STORAGE_ERROR_SINCE = 6
_TOPIC_IDS_SINCE = 13
_LEADERS_SINCE = 16
_WANTS_LEADER = (Code.NOT_LEADER_OR_FOLLOWER, Code.FENCED_LEADER_EPOCH)
_ISOLATION_LEVELS = (0, 1)
_FRAME_BYTES = 4
"""The length before each answer, which counts for a quota."""
_BYTES_MAX = 57_671_680
"""fetch.max.bytes: of one answer, whatever is asked for."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer now, or wait for more."""
    wanted = request.decode(fetch.FetchRequest)
    has_ids = request.version >= _TOPIC_IDS_SINCE
    named = {
        (topic.topic, topic.topic_id, asked.partition): asked for topic in wanted.topics for asked in topic.partitions
    }
    reader = Reader(_replica_id(wanted), wanted.isolation_level, wanted.rack_id, request.version)
    broker.fetch_sessions.now_ms = broker.now_ms
    context = broker.fetch_sessions.context(
        wanted.session_id,
        wanted.session_epoch,
        {key: Wanted(key, _name(broker, key, has_ids=has_ids), asked) for key, asked in named.items()},
        [(one.topic, one.topic_id, number) for one in wanted.forgotten_topics_data for number in one.partitions],
        has_topic_ids=has_ids,
        is_follower=reader.is_follower,
    )
    if context.code is not Code.NONE:
        request.respond(fetch.FetchResponse(error_code=context.code))
        return
    _Fetch(broker, request, wanted, reader, context).begin()


def _replica_id(wanted: fetch.FetchRequest) -> int:
    told = wanted.replica_state.replica_id
    return wanted.replica_id if told == -1 else told


def _name(broker: ServingBroker, key: Key, *, has_ids: bool) -> str:
    if not has_ids:
        return key[0]
    known = broker.image.topic_of_id.get(key[1])
    return "" if known is None else known.name


class _Fetch:
    """One consumer's Fetch on its way."""

    __slots__ = (
        "_broker",
        "_bytes_max",
        "_context",
        "_erroneous",
        "_errors",
        "_interesting",
        "_reader",
        "_request",
        "_waiting",
        "_wanted",
        "_watched",
    )

    def __init__(
        self,
        broker: ServingBroker,
        request: Request,
        wanted: fetch.FetchRequest,
        reader: Reader,
        context: FetchContext,
    ) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._reader = reader
        self._context = context
        self._interesting: list[tuple[TopicPartition, Wanted]] = []
        self._erroneous: Found = {}
        self._errors: dict[TopicPartition, Code] = {}
        self._watched: list[Partition] = []
        self._waiting: Waiting | None = None
        self._bytes_max = _BYTES_MAX
        if broker.quotas.fetch.is_enabled and not reader.is_follower:
            # More would be throttled for sure, each time, and the client would never come any further.
            self._bytes_max = min(_BYTES_MAX, broker.quotas.fetch.most_at_once(*self._who))

    def begin(self) -> None:
        """Read once; wait if that is not enough."""
        self._sort_out()
        if self._interesting and self._reader.isolation_level not in _ISOLATION_LEVELS:
            self._refuse(Code.UNKNOWN_SERVER_ERROR)
            return
        found, is_enough = self._read()
        if is_enough or self._wanted.max_wait_ms <= 0 or not self._interesting:
            self._answer(found)
            return
        self._waiting = self._broker.purgatory.wait(self._wanted.max_wait_ms * MILLISECOND_US, self._expired)
        for partition in self._watched:
            partition.watch(self._woken, is_follower=self._reader.reads_all)

    def _sort_out(self) -> None:
        """Tell what there is to read from what is not there: nobody waits less long for the latter's sake."""
        tampering = self._broker.tampering
        has_ids = self._request.version >= _TOPIC_IDS_SINCE
        refused = self._refused(has_ids=has_ids) if self._broker.rights.is_enforced else set[str]()
        for wanted in self._context.partitions.values():
            # In a session a name once known is kept, whatever became of the topic.
            topic = wanted.topic or _name(self._broker, wanted.key, has_ids=has_ids)
            tp = TopicPartition(topic, wanted.asked.partition)
            error = tampering.error_instead(ApiKey.FETCH, self._request.client, tp) if tampering else None
            if error is not None:
                self._errors[tp] = error
            if not topic and has_ids:
                self._erroneous[wanted.key] = _not_there(wanted, Code.UNKNOWN_TOPIC_ID)
            elif topic in refused:
                self._erroneous[wanted.key] = _not_there(wanted, Code.TOPIC_AUTHORIZATION_FAILED)
            elif tp not in self._broker.image.partitions:
                self._erroneous[wanted.key] = _not_there(wanted, Code.UNKNOWN_TOPIC_OR_PARTITION)
            else:
                self._interesting.append((tp, wanted))

    def _refused(self, *, has_ids: bool) -> set[str]:
        """Give the topics that whoever asks may not read; followers read all or nothing."""
        broker, request = self._broker, self._request
        topics = [one.topic or _name(broker, one.key, has_ids=has_ids) for one in self._context.partitions.values()]
        if not self._reader.is_follower:
            return broker.rights.refused(request, Operation.READ, ResourceKind.TOPIC, topics)
        return set() if broker.rights.allows_on_cluster(request, Operation.CLUSTER_ACTION) else set(topics)

    def _refuse(self, code: Code) -> None:
        """Answer with an error for all; clients before topic ids look for it in each partition (FetchRequest.getErrorResponse)."""
        topics: tuple[fetch.FetchTopicResponse, ...] = ()
        if self._request.version < _TOPIC_IDS_SINCE:
            topics = tuple(
                [
                    fetch.FetchTopicResponse(
                        topic.topic,
                        partitions=tuple([_not_there(Wanted(("", b"", 0), "", one), code) for one in topic.partitions]),
                    )
                    for topic in self._wanted.topics
                ]
            )
        self._request.respond(
            fetch.FetchResponse(error_code=code, session_id=self._wanted.session_id, responses=topics)
        )

    # -- waiting -------------------------------------------------------------------------------------------------------

    def _woken(self) -> None:
        self._request.work(self._look_again)

    def _look_again(self) -> None:
        found, is_enough = self._read()
        if is_enough:
            assert self._waiting is not None
            self._waiting.end()
            self._end(found)

    def _expired(self) -> None:
        self._request.work(self._end_late)

    def _end_late(self) -> None:
        self._end(self._read()[0])

    def _end(self, found: Found) -> None:
        for partition in self._watched:
            partition.unwatch(self._woken)
        self._answer(found)

    # -- reading -------------------------------------------------------------------------------------------------------

    def _read(self) -> tuple[Found, bool]:
        """Read everything asked for. Returns what was found, and whether it need not wait."""
        self._watched = []
        found: Found = {}
        bytes_max = min(self._wanted.max_bytes, self._bytes_max)
        left_bytes, size_bytes = bytes_max, 0
        is_news = False
        for tp, wanted in self._interesting:
            response = self._read_partition(tp, wanted, left_bytes, is_first=size_bytes == 0)
            size_bytes += len(response.records or b"")
            left_bytes = max(bytes_max - size_bytes, 0)
            is_news |= (
                response.error_code != 0
                or response.diverging_epoch != fetch.NO_DIVERGENCE
                or response.preferred_read_replica >= 0
            )
            found[wanted.key] = response
        return found, is_news or size_bytes >= min(self._wanted.min_bytes, bytes_max)

    def _read_partition(
        self, tp: TopicPartition, wanted: Wanted, left_bytes: int, *, is_first: bool
    ) -> fetch.FetchPartitionResponse:
        broker = self._broker
        code = self._errors.get(tp)
        if code is not None:
            return failed(tp.partition, code)
        partition = broker.partitions.get(tp)
        if partition is None:
            code = broker.code_without_replica(tp)
            if code is Code.UNKNOWN_TOPIC_OR_PARTITION and self._request.version >= _TOPIC_IDS_SINCE:
                # It was there when this Fetch came.
                code = Code.UNKNOWN_TOPIC_ID
            return failed(tp.partition, self._told(code))
        self._watched.append(partition)
        return read(
            broker, partition, self._reader, wanted.asked, wanted.key[1], left_bytes=left_bytes, is_first=is_first
        )

    def _told(self, code: Code) -> Code:
        if code is Code.KAFKA_STORAGE_ERROR and self._request.version < _STORAGE_ERROR_SINCE:
            return Code.NOT_LEADER_OR_FOLLOWER
        return code

    # -- the answer ----------------------------------------------------------------------------------------------------

    @property
    def _who(self) -> tuple[str, str]:
        """Who is counted: the user, and the client id."""
        return self._request.principal.name, self._request.client_id or ""

    def _has_to_wait(self, found: Found) -> bool:
        """Count what is found, and the time; tell a client that exceeds a quota to wait, and nothing else."""
        broker, request = self._broker, self._request
        if self._reader.is_follower:
            request.is_measured = True
            return False
        spent_ms = time_throttle_ms(broker, request)
        news = fetch.FetchResponse(responses=_by_topic(self._context.news({**found, **self._erroneous})))
        size_bytes = _FRAME_BYTES + len(encode(news, request.version))
        found_ms = broker.quotas.fetch.record(*self._who, size_bytes, broker.now_ms)
        throttle_ms = max(found_ms, spent_ms)
        if throttle_ms <= 0:
            return False
        # It is not sent, so it does not count.
        broker.quotas.fetch.unrecord(*self._who, size_bytes, broker.now_ms)
        throttle(broker, request, FETCH if found_ms > spent_ms else REQUEST, throttle_ms)
        told = self._context.told_to_wait()
        request.respond(fetch.FetchResponse(throttle_ms, told.code, told.session_id))
        return True

    def _answer(self, found: Found) -> None:
        if self._broker.quotas.are_of_consumers and self._has_to_wait(found):
            return
        endpoints: dict[int, NodeEndpoint] = {}
        if self._request.version >= _LEADERS_SINCE:
            found = {key: self._with_leader(key, response, endpoints) for key, response in found.items()}
        told = self._context.told({**found, **self._erroneous})
        if self._request.version >= _TOPIC_IDS_SINCE and _falls_over(told.found):
            self._refuse(Code.UNKNOWN_SERVER_ERROR)
            return
        answer = fetch.FetchResponse(
            error_code=told.code,
            session_id=told.session_id,
            responses=_by_topic(told.found),
            node_endpoints=tuple(endpoints.values()),
        )
        touched = [TopicPartition(wanted.topic, wanted.asked.partition) for wanted in self._context.partitions.values()]
        self._request.respond(answer, partitions=touched)

    def _with_leader(
        self, key: Key, response: fetch.FetchPartitionResponse, endpoints: dict[int, NodeEndpoint]
    ) -> fetch.FetchPartitionResponse:
        if response.error_code not in _WANTS_LEADER:
            return response
        image = self._broker.image
        state = image.partitions.get(TopicPartition(self._context.partitions[key].topic, key[2]))
        if state is None:
            return response
        leader, endpoint = image.leader_hint(state, self._request.listener)
        if endpoint is not None:
            endpoints[endpoint.node_id] = endpoint
        return response._replace(current_leader=leader)


def _not_there(wanted: Wanted, code: Code) -> fetch.FetchPartitionResponse:
    """Give the answer for a partition that nobody tried to read (FetchResponse.partitionResponse)."""
    return failed(wanted.asked.partition, code)._replace(aborted_transactions=())


def _falls_over(found: Found) -> bool:
    """Whether two partitions of the id of zeros follow each other: names are compared then, and there are none (FetchResponse.matchingTopic)."""
    ids = [topic_id for _, topic_id, _ in found]
    return any(one == other == ZERO_ID for one, other in pairwise(ids))


def _by_topic(found: Found) -> tuple[fetch.FetchTopicResponse, ...]:
    """Group what follows each other; a topic that comes in turns with others is there more than once (FetchResponse.toMessage)."""
    topics: list[tuple[tuple[str, bytes], list[fetch.FetchPartitionResponse]]] = []
    for (topic, topic_id, _), response in found.items():
        if not topics or topics[-1][0] != (topic, topic_id):
            topics.append(((topic, topic_id), []))
        topics[-1][1].append(response)
    return tuple([fetch.FetchTopicResponse(*topic, tuple(told)) for topic, told in topics])
