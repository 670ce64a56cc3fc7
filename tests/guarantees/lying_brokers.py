"""Brokers that do what they are asked, and say something else: each a bug planted in a run, for one judge to catch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.record_batch import split_batches
from sim.clients.drivers import SimProducer
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.cluster import Cluster

REFUSED_AT = 2
"""What is appended at this offset is said to be refused; its retry lies behind it."""

Lie = Callable[[Any, Any, TopicPartition, Any], Any]
"""What becomes of one partition's part of an answer: of the broker, what it was asked there, where that is, and the truth."""


class Overheard:
    """A request whose answer is another by the time that it leaves."""

    def __init__(self, broker: Any, request: Any, lie: Lie) -> None:
        self._broker, self._request, self._lie = broker, request, lie

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)

    def answer(self, body: bytes, **how: Any) -> None:
        key, version = ApiKey(self._request.api), self._request.version
        asked, told = self._request.decode(key.message("request")), decode(key.message("response"), body, version)
        self._request.answer(encode(self._produced(asked, told), version), **how)

    def respond(self, answer: Any, **how: Any) -> None:
        asked = self._request.decode(ApiKey(self._request.api).message("request"))
        self._request.respond(self._fetched(asked, answer), **how)

    def _produced(self, asked: Any, told: Any) -> Any:
        topics = [
            topic._replace(partition_responses=tuple(self._told("", one, one) for one in topic.partition_responses))
            for topic in told.responses
        ]
        return told._replace(responses=tuple(topics))

    def _fetched(self, asked: Any, told: Any) -> Any:
        topics = []
        for wanted, topic in zip(asked.topics, told.responses, strict=True):
            known = self._broker.image.topic_of_id.get(topic.topic_id)
            name = topic.topic if known is None else known.name
            parts = [self._told(name, one, part) for one, part in zip(wanted.partitions, topic.partitions, strict=True)]
            topics.append(topic._replace(partitions=tuple(parts)))
        # Without a session: in one, only what changed is asked for and told.
        return told._replace(responses=tuple(topics), session_id=0)

    def _told(self, topic: str, asked: Any, part: Any) -> Any:
        number = asked.partition if hasattr(asked, "partition") else asked.index
        return part if part.error_code else self._lie(self._broker, asked, TopicPartition(topic, number), part)


@dataclass(frozen=True, slots=True)
class LyingBroker:
    """Takes part in a run as a planted bug does."""

    name: str
    api: ApiKey
    lie: Lie

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Let every broker answer so."""
        sound = HANDLERS[self.api]

        def handle(broker: Any, request: Any) -> None:
            overheard: Any = Overheard(broker, request, self.lie)
            sound(broker, overheard)

        for broker in cluster.brokers.values():
            broker.handlers = {**HANDLERS, self.api: handle}

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Producers tell no lies."""


def _next_offset(_broker: Any, _asked: Any, _tp: TopicPartition, part: Any) -> Any:
    return part._replace(base_offset=part.base_offset + 1)


def _its_own_time(broker: Any, _asked: Any, _tp: TopicPartition, part: Any) -> Any:
    return part._replace(log_append_time_ms=broker.now_ms + 1)


def _not_written(_broker: Any, _asked: Any, _tp: TopicPartition, part: Any) -> Any:
    return part._replace(error_code=int(Code.INVALID_RECORD), base_offset=-1)


def _not_appended(_broker: Any, _asked: Any, _tp: TopicPartition, part: Any) -> Any:
    is_told = part.base_offset == REFUSED_AT
    return part._replace(error_code=int(Code.NOT_ENOUGH_REPLICAS), base_offset=-1) if is_told else part


def _all_but_the_first_batch(_broker: Any, _asked: Any, _tp: TopicPartition, part: Any) -> Any:
    batches = [data for _, data in split_batches(part.records or b"")]
    return part._replace(records=b"".join(batches[1:])) if len(batches) > 1 else part


def _up_to_the_end(broker: Any, asked: Any, tp: TopicPartition, part: Any) -> Any:
    log = broker.partitions[tp].log
    batches = log.read(asked.fetch_offset, up_to_offset=log.end_offset, bytes_max=1 << 20)
    return part._replace(records=b"".join(stored.data for stored in batches))


TELLS_THE_NEXT_OFFSET = LyingBroker("tells the next offset", ApiKey.PRODUCE, _next_offset)
TELLS_ITS_OWN_TIME = LyingBroker("tells its own time", ApiKey.PRODUCE, _its_own_time)
SAYS_NOT_WRITTEN = LyingBroker("says that it is not written", ApiKey.PRODUCE, _not_written)
SAYS_NOT_APPENDED = LyingBroker("says that it has not appended", ApiKey.PRODUCE, _not_appended)
SKIPS_A_BATCH = LyingBroker("skips a batch", ApiKey.FETCH, _all_but_the_first_batch)
SERVES_ABOVE_THE_WATERMARK = LyingBroker("serves above the high watermark", ApiKey.FETCH, _up_to_the_end)
