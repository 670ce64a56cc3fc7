"""A schema registry as one client has it in virtual time: asked over the network, or in its own process where it is a mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from producer.errors import SchemaRegistryError
from producer.serialization.registry.client import RegistryClient
from sim.clients.virtual_driver import Gate, VirtualDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import simpy

    from producer.serialization.registry.calls import Call
    from producer.serialization.registry.settings import RegistrySettings
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host


class SomeRegistry(Protocol):
    """Whoever is asked."""

    def ask(self, call: Call) -> Generator[simpy.Event, Any, Any]:
        """Give the JSON of the answer, as part of a story. Raises SchemaRegistryError."""
        ...

    def leave(self) -> None:
        """Ask nothing more: the client's process is gone."""
        ...


class NetworkRegistry:
    """A registry on the simulated network, asked from a client's own host, one question after the other."""

    def __init__(self, cluster: SomeCluster, host: Host, settings: RegistrySettings) -> None:
        """The places of `settings` name hosts of that network."""
        self._world = cluster.world
        self._client = RegistryClient(settings)
        self._heard = Gate(cluster.world)
        self._answers: dict[int, Any] = {}
        self._driver = VirtualDriver(cluster, host, self._client, self._hear, is_second=True)

    def ask(self, call: Call) -> Generator[simpy.Event, Any, Any]:
        """Give the JSON of the answer, as part of a story. Raises SchemaRegistryError."""
        number = self._client.ask(call, self._world.now_us)
        self._driver.attend()
        while number not in self._answers:
            yield from self._heard.wait()
        told = self._answers.pop(number)
        if isinstance(told, SchemaRegistryError):
            raise told
        return told

    def leave(self) -> None:
        """Ask nothing more; its host goes with the client that it is of."""
        self._driver.leave()

    def _hear(self) -> None:
        for answered in self._client.take_answers():
            self._answers[answered.number] = answered.told
        self._heard.open()


class MockedRegistry:
    """A registry in the client's own process, which needs no time: what `mock://` stands for."""

    def __init__(self, answer: Callable[[Call], Any]) -> None:
        """`answer` gives the JSON of one, or raises SchemaRegistryError."""
        self._answer = answer

    def ask(self, call: Call) -> Generator[simpy.Event, Any, Any]:
        """Give the JSON of the answer at once. Raises SchemaRegistryError."""
        yield from ()  # a part of a story, as others are
        return self._answer(call)

    def leave(self) -> None:
        """Nothing is left behind."""
