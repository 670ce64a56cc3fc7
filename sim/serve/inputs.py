"""What comes from outside into a world that is served: the only things in a run that its seed does not decide.

Each is taken between two instants of virtual time, and what follows from it at once is done before the next. So a list of them with their times is all that it takes to run it again.
"""

from __future__ import annotations

from typing import NamedTuple

REGISTRY = 0
"""In a broker's place: the schema registry."""


class Connected(NamedTuple):
    """A client's TCP connection to a broker's port, or to the schema registry's."""

    connection: int
    """Counts the connections of a server from 1."""
    address: str
    """The client's: whoever comes from there is on one simulated host of that name."""
    broker: int
    """`REGISTRY` for the schema registry."""
    listener: int = 0
    """By which of the cluster's listeners: its place among them."""
    certificate: str = ""
    """The distinguished name in the certificate that the client showed, where TLS was spoken and it showed one."""


class Received(NamedTuple):
    """Bytes from a client."""

    connection: int
    data: bytes


class Ended(NamedTuple):
    """The client sends no more, and may read on; or its connection is broken."""

    connection: int
    is_reset: bool
    """Whether it is broken."""


class Filled(NamedTuple):
    """The client does not read what was written to it: the socket takes no more."""

    connection: int


class Drained(NamedTuple):
    """The client reads on."""

    connection: int


class Struck(NamedTuple):
    """Somebody asks for a fault, at once or later."""

    entry: str
    """As a line of a schedule; its times, and its events, are counted from now."""


class Healed(NamedTuple):
    """Somebody ends every fault that has struck; what waits for its moment still comes."""


class Answered(NamedTuple):
    """A client library told its application what became of a record. Only of applications that we are ourselves."""

    client: str
    """The application, as the trace calls it."""
    record: int
    """Its number."""
    outcome: str
    """`acknowledged`, `failed` (certainly not written) or `unknown`."""
    partition: int
    """-1 where none was told."""
    offset: int
    """-1 where none was told."""
    timestamp_ms: int
    """-1 where none was told."""
    code: int
    """Kafka's error code, 0 for none."""
    why: str
    """What the library said, in its own words."""


class CallEnded(NamedTuple):
    """A client library told its application how a transactional call ended. Only of applications that we are ourselves."""

    client: str
    """The application, as the trace calls it."""
    call: str
    """`init`, `begin`, `commit` or `abort`."""
    outcome: str
    """`done`, or what it asks of the application: `again` (the same call), `abortable`, `fenced` or `fatal` (close)."""
    code: int
    """Kafka's error code, 0 for none."""
    why: str
    """What the library said, in its own words."""


ClientInput = Connected | Received | Ended | Filled | Drained
Input = Connected | Received | Ended | Filled | Drained | Struck | Healed | Answered | CallEnded
