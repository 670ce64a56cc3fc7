"""A registry of its own: the journal is in this process's memory, and whoever asks is answered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.schemas.compatibility.levels import Rules
from producer.schemas.schema import FormatNotInstalledError
from sim.registry.core.errors import RegistryError, as_refusal
from sim.registry.core.records import decode, encode
from sim.registry.core.state import DEFAULT_LEVEL, State
from sim.registry.rest.api import find_route, respond
from sim.registry.rest.messages import Reply, answer, read_request, refusal

if TYPE_CHECKING:
    from sim.registry.rest.messages import Request


class Registry:
    """Answers requests. What it knows is what its journal says, record by record, as from a topic."""

    def __init__(self, default_level: str = DEFAULT_LEVEL, rules: Rules = Rules.CONFLUENT) -> None:
        """Begin with nothing registered; `default_level` holds until somebody sets one."""
        self.state = State(default_level, rules)
        self.journal: list[tuple[bytes, bytes | None]] = []
        """Key and value of every record, as `_schemas` would have them."""

    def handle(self, request: Request) -> Reply:
        """Answer one request. A refused one leaves nothing behind."""
        try:
            asked = read_request(request)
            outcome = respond(self.state, asked, find_route(asked))
            reply = answer(outcome.answer)
        except RegistryError as error:
            return refusal(error)
        except FormatNotInstalledError as error:
            return refusal(as_refusal(error))
        for record in outcome.writes:
            written = encode(record)
            self.journal.append(written)
            self.state.take(decode(*written))
        return reply
