"""A schema registry for threads: whoever asks drives the sockets himself, and the others wait for him."""

from __future__ import annotations

import ssl
import threading
import weakref
from typing import TYPE_CHECKING, Any, Self

from producer.drivers.clock import now_us
from producer.drivers.sockets import SocketDriver
from producer.errors import SchemaRegistryError
from producer.serialization.registry.client import RegistryClient
from producer.serialization.registry.settings import RegistrySettings, places
from producer.serialization.unknown import SchemaUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from producer.serialization.registry.calls import Call
    from producer.serialization.serializer import Deserializer, HeaderList, Serializer
    from producer.serialization.unknown import Questions

    T = TypeVar("T")

QUESTIONS_MAX = 4
"""Rounds of questions for one record: one for its key, one for its value, and what another thread made them forget."""


class SchemaRegistry:
    """A schema registry, asked from any thread; one question at a time. Nothing is connected before it is asked."""

    def __init__(self, url: str | Iterable[str] | RegistrySettings, *, user_info: str = "") -> None:
        """`url` is one, or several with commas between. Raises ConfigError."""
        if isinstance(url, str):
            url = [one.strip() for one in url.split(",") if one.strip()]
        self._settings = (
            url if isinstance(url, RegistrySettings) else RegistrySettings(places(url, user_info=user_info))
        )
        self._lock = threading.Lock()
        self._client = RegistryClient(self._settings)
        self._driver: SocketDriver | None = None

    def ask(self, call: Call) -> Any:
        """Give the JSON of the answer; waits for it. Raises SchemaRegistryError."""
        with self._lock:
            return self._ask(call)

    def known(self, use: Callable[[], T]) -> T:
        """Call `use`, and ask what it wants to know until it knows. Raises what it raises, SchemaRegistryError."""
        for _ in range(QUESTIONS_MAX):
            try:
                return use()
            except SchemaUnknownError:
                pass
            with self._lock:
                try:
                    # Somebody else may have asked meanwhile.
                    return use()
                except SchemaUnknownError as unknown:
                    questions = unknown.questions
                self._answer(questions)
        return use()

    def serialize(
        self, serializer: Serializer, topic: str, data: Any, headers: HeaderList | None = None
    ) -> bytes | None:
        """Give the bytes of a value; what its serializer says in headers is put behind `headers`. Raises as `known`."""
        given = [] if headers is None else headers
        before = len(given)
        time_is = getattr(serializer, "time_is", None)
        if time_is is not None:
            time_is(now_us())

        def use() -> bytes | None:
            del given[before:]
            return serializer.serialize(topic, given, data)

        return self.known(use)

    def deserialize(
        self,
        deserializer: Deserializer,
        topic: str,
        data: bytes | None,
        headers: Iterable[tuple[str, bytes | None]] = (),
    ) -> Any:
        """Give the value of bytes. Raises as `known`: SerializationError for bytes that are none of their schema."""
        given = list(headers)
        return self.known(lambda: deserializer.deserialize(topic, given, data))

    def close(self) -> None:
        """End the connection. It is made again if it is asked again."""
        with self._lock:
            if self._driver is not None:
                self._dropped.detach()
                self._client.close()
                self._driver.close()
                self._driver = None

    def disown(self) -> None:
        """Belong to the process that this one was forked from: ask by a connection of its own."""
        self._lock = threading.Lock()
        self._client = RegistryClient(self._settings)
        if self._driver is not None:
            self._dropped.detach()
            self._driver.disown()
            self._driver = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _ask(self, call: Call) -> Any:
        if self._driver is None:
            tls = ssl.create_default_context() if self._settings.places[0].is_encrypted else None
            self._driver = SocketDriver(self._client, tls=tls)
            # Dropped unclosed, it leaves no socket behind.
            self._dropped = weakref.finalize(self, self._driver.disown)
            self._dropped.atexit = False
        number = self._client.ask(call, now_us())
        try:
            while True:
                for answered in self._client.take_answers():
                    if answered.number == number:
                        if isinstance(answered.told, SchemaRegistryError):
                            raise answered.told
                        return answered.told
                self._driver.poll()
        except BaseException:  # Ctrl-C: nobody waits for it any more
            self._client.forget(number, now_us())
            raise

    def _answer(self, questions: Questions) -> None:
        """Ask one after the other, as answers lead to questions."""
        try:
            call = next(questions)
            while True:
                try:
                    told = self._ask(call)
                except SchemaRegistryError as error:
                    call = questions.throw(error)
                else:
                    call = questions.send(told)
        except StopIteration:
            return
