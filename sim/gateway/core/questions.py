"""What a decision has to know, or to have done, before it is one. The session's driver answers, and knows how long that may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from producer.governance.asking import Wanted
    from producer.records import Record
    from sim.gateway.core.enforcement import Client, Decision


class Asked(NamedTuple):
    """A key, or a schema, as a principal is given it. The answer is what a key service said, an error of it included; None for a registry."""

    principal: str
    wanted: Wanted


class Intended(NamedTuple):
    """The lines of an audit for one batch, to be durable before it passes. The answer is the ticket for what it is told later."""

    client: Client
    topic: str
    partition: int
    decision: Decision


class Buried(NamedTuple):
    """Dead letters, to be acknowledged in their topics before the client hears that its batch is refused. There is no answer."""

    letters: tuple[Record, ...]
