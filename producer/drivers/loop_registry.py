"""A schema registry for asyncio: the same client in the event loop, so that nobody's answer holds anybody else up."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from producer.drivers.clock import now_us
from producer.drivers.thread_registry import QUESTIONS_MAX
from producer.drivers.transports import TransportDriver
from producer.errors import SchemaRegistryError
from producer.serialization.registry.client import RegistryClient
from producer.serialization.unknown import SchemaUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from producer.serialization.registry.calls import Call
    from producer.serialization.registry.settings import RegistrySettings
    from producer.serialization.unknown import Questions

    T = TypeVar("T")


class AsyncSchemaRegistry:
    """A schema registry, asked by tasks of the event loop in which it was asked first."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._client = RegistryClient(settings)
        self._driver: TransportDriver | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._learning = asyncio.Lock()
        """Who wants to know the same waits for the first one's answer."""

    async def ask(self, call: Call) -> Any:
        """Give the JSON of the answer. Raises SchemaRegistryError."""
        driver = self._driver
        if driver is None:
            tls = ssl.create_default_context() if self._settings.places[0].is_encrypted else None
            driver = self._driver = TransportDriver(self._client, settled=self._settle, crashed=self._crash, tls=tls)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        number = self._client.ask(call, now_us())
        self._waiting[number] = future
        driver.settle()
        try:
            return await future
        finally:
            if self._waiting.pop(number, None) is not None and not future.done():
                self._client.forget(number, now_us())
                driver.settle()

    async def known(self, use: Callable[[], T]) -> T:
        """Call `use`, and ask what it wants to know until it knows. Raises what it raises, SchemaRegistryError."""
        for _ in range(QUESTIONS_MAX):
            try:
                return use()
            except SchemaUnknownError:
                pass
            async with self._learning:
                try:
                    # Somebody else may have asked meanwhile.
                    return use()
                except SchemaUnknownError as unknown:
                    questions = unknown.questions
                await self._answer(questions)
        return use()

    async def close(self) -> None:
        """End the connection."""
        driver, self._driver = self._driver, None
        if driver is not None:
            self._client.close()
            driver.stop()
            await driver.ended()

    def leave(self) -> None:
        """End the connection when the loop can: for a collector, on whatever thread."""
        driver = self._driver
        if driver is not None:
            # The loop may be no more, and its connections with it.
            with suppress(RuntimeError):
                driver.loop.call_soon_threadsafe(driver.leave)

    def disown(self) -> None:
        """Belong to the process that this one was forked from."""
        if self._driver is not None:
            self._driver.disown()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        for answered in self._client.take_answers():
            future = self._waiting.get(answered.number)
            if future is None or future.done():
                continue
            if isinstance(answered.told, SchemaRegistryError):
                future.set_exception(answered.told)
            else:
                future.set_result(answered.told)

    def _crash(self, crash: BaseException) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(RuntimeError("the schema registry's client failed"))
                future.exception()
        del crash

    async def _answer(self, questions: Questions) -> None:
        """Ask one after the other, as answers lead to questions."""
        try:
            call = next(questions)
            while True:
                try:
                    told = await self.ask(call)
                except SchemaRegistryError as error:
                    call = questions.throw(error)
                else:
                    call = questions.send(told)
        except StopIteration:
            return
