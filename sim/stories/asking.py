"""How the clients of one run come to their schema registries: by URL, over the network or in their own process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import ConfigError
from producer.schemas.schema import FormatNotInstalledError, InvalidSchemaError
from producer.serialization.registry.settings import RegistrySettings, places
from sim.clients.schema_questions import SchemaQuestions
from sim.clients.schema_registry import MockedRegistry, NetworkRegistry
from sim.registry.mock import MOCK, MockRegistry
from sim.stories.schemas import schemas_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producer.config.config import ProducerConfig
    from sim.clients.virtual_driver import SomeCluster
    from sim.stories.scenario import Scenario
    from sim.world.network import Host

WITHOUT_PLACES = RegistrySettings(())


class Asking:
    """Gives each client its way. Who gives the same `mock://` name shares a mock."""

    def __init__(self, cluster: SomeCluster) -> None:
        """Nobody is asked yet."""
        self._cluster = cluster
        self._mocks: dict[str, MockRegistry] = {}

    def questions(
        self, client: str, host: Host, urls: Sequence[str], settings: RegistrySettings = WITHOUT_PLACES
    ) -> SchemaQuestions:
        """Give a client's way to the registry, or the registries of one cluster, at those URLs. Raises ConfigError."""
        url = ",".join(urls)
        if url.startswith(MOCK):
            mock = self._mocks.setdefault(url, MockRegistry())
            return SchemaQuestions(self._cluster, client, url, MockedRegistry(mock.answer))
        known = settings._replace(places=places(urls))
        return SchemaQuestions(self._cluster, client, url, NetworkRegistry(self._cluster, host, known))


def settings_of(config: ProducerConfig) -> RegistrySettings:
    """Give how long a producer waits for its registry, without the places."""
    return RegistrySettings(
        (),
        connect_timeout_us=config.schema_registry_http_connect_timeout_ms * 1_000,
        read_timeout_us=config.schema_registry_http_read_timeout_ms * 1_000,
        retries_max=config.schema_registry_max_retries,
        backoff_us=config.schema_registry_retries_wait_ms * 1_000,
        backoff_us_max=config.schema_registry_retries_max_wait_ms * 1_000,
    )


def check_formats(scenario: Scenario) -> None:
    """Raise ConfigError for a schema that is none, or whose format's library is not installed: it names the extra."""
    for whose, schema in schemas_of(scenario):
        from producer.serialization.formats.codec import codec

        try:
            codec(schema, {})
        except (FormatNotInstalledError, InvalidSchemaError) as error:
            raise ConfigError(f"{whose}: {error}") from error
