"""FindCoordinator: which broker coordinates a group or a transaction. Several keys at once since version 4."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int8, Int16, Int32, String, since, until, versions


class FindCoordinatorRequest(NamedTuple):
    """Ask who coordinates."""

    key: Annotated[String, until(3)] = ""
    """A group id or a transactional id."""
    key_type: Annotated[Int8, since(1)] = 0
    """0 a group, 1 a transaction, 2 a share group."""
    coordinator_keys: Annotated[tuple[String, ...], since(4)] = ()


class Coordinator(NamedTuple):
    """The coordinator of one key."""

    key: String = ""
    node_id: Int32 = 0
    host: String = ""
    port: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""


class FindCoordinatorResponse(NamedTuple):
    """Where the coordinator of each key is."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    error_code: Annotated[Int16, until(3)] = 0
    error_message: Annotated[String | None, versions(1, 3), IGNORABLE] = ""
    node_id: Annotated[Int32, until(3)] = 0
    """-1 with an error."""
    host: Annotated[String, until(3)] = ""
    port: Annotated[Int32, until(3)] = 0
    coordinators: Annotated[tuple[Coordinator, ...], since(4)] = ()
