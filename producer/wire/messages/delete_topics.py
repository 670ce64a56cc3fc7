"""DeleteTopics: topics go, by name or, since version 6, by id."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Int16, Int32, String, Uuid, nullable_since, since, until


class DeleteTopicState(NamedTuple):
    """One topic, by name or by id."""

    name: String | None = None
    topic_id: Uuid = ZERO_ID


class DeleteTopicsRequest(NamedTuple):
    """Delete these."""

    topics: Annotated[tuple[DeleteTopicState, ...], since(6)] = ()
    topic_names: Annotated[tuple[String, ...], until(5), IGNORABLE] = ()
    timeout_ms: Int32 = 0


class DeletableTopicResult(NamedTuple):
    """What became of one topic."""

    name: Annotated[String | None, nullable_since(6)] = ""
    """Null where it was asked for by an id that is not known, or must not be told."""
    topic_id: Annotated[Uuid, since(6), IGNORABLE] = ZERO_ID
    error_code: Int16 = 0
    error_message: Annotated[String | None, since(5), IGNORABLE] = None


class DeleteTopicsResponse(NamedTuple):
    """What became of each topic."""

    throttle_time_ms: Int32 = 0
    responses: tuple[DeletableTopicResult, ...] = ()
