"""What serializers and deserializers want to know, asked of a registry as part of a story; each answer is in the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from producer.errors import SchemaRegistryError
from producer.serialization.registry import answers
from producer.serialization.unknown import SchemaUnknownError
from sim.trace.events import SchemaFound, SchemaRefused, SchemaRegistered

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from producer.serialization.registry.calls import Call
    from producer.serialization.unknown import Questions
    from sim.clients.schema_registry import SomeRegistry
    from sim.clients.virtual_driver import SomeCluster

T = TypeVar("T")

QUESTIONS_MAX = 10
"""How often one value may lead to more questions: then its error is told."""


class SchemaQuestions:
    """One client's way to its registry."""

    def __init__(self, cluster: SomeCluster, client: str, url: str, registry: SomeRegistry) -> None:
        """`client` is its name in the trace, `url` what the registry is called there."""
        self._world = cluster.world
        self._emit = cluster.trace.emit
        self._client = client
        self._registry = registry
        self.url = url

    def known(self, use: Callable[[], T]) -> Generator[simpy.Event, Any, T]:
        """Call `use`, and ask what it wants to know until it knows. Raises what it raises, SchemaRegistryError."""
        for _ in range(QUESTIONS_MAX):
            try:
                return use()
            except SchemaUnknownError as unknown:
                questions = unknown.questions
            yield from self._answer(questions)
        return use()

    def ask(self, call: Call) -> Generator[simpy.Event, Any, Any]:
        """Ask one thing. Raises SchemaRegistryError."""
        try:
            told = yield from self._registry.ask(call)
            self._tell(call, told)
        except SchemaRegistryError as error:
            refused = SchemaRefused(
                self._world.now_us, self._client, self.url, str(call), error.status, error.error_code, error.detail
            )
            self._emit(refused)
            raise
        return told

    def leave(self) -> None:
        """The client's process is gone."""
        self._registry.leave()

    def _answer(self, questions: Questions) -> Generator[simpy.Event, Any, None]:
        """Ask one after the other, as answers lead to questions."""
        try:
            call = next(questions)
            while True:
                try:
                    told = yield from self.ask(call)
                except SchemaRegistryError as error:
                    call = questions.throw(error)
                else:
                    call = questions.send(told)
        except StopIteration:
            return

    def _tell(self, call: Call, told: Any) -> None:
        """Put an answer into the trace. Raises SchemaRegistryError for one that is none."""
        now_us = self._world.now_us
        parts = [unquote(part) for part in urlsplit(call.path).path.strip("/").split("/")]
        if parts[0] == "schemas":
            schema = answers.schema(call, told)
            self._emit(SchemaFound(now_us, self._client, self.url, "", 0, schema.text, str(schema.type), parts[-1]))
        elif parts[0] == "subjects":
            place, sent = answers.registered(call, told), answers.sent(call)
            if sent is not None and parts[-1] == "versions":
                kept = (parts[1], place.version, place.schema_id, str(sent.type), sent.text)
                self._emit(SchemaRegistered(now_us, self._client, self.url, *kept))
                return
            schema = answers.schema(call, told) if sent is None else sent
            found = (parts[1], place.version, schema.text, str(schema.type), str(place.schema_id))
            self._emit(SchemaFound(now_us, self._client, self.url, *found))
