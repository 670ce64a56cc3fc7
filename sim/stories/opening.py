"""Before a story begins its schema registries serve, and what it presupposes is registered there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError, SchemaRegistryError
from producer.serialization.registry import calls
from sim.registry.node.node import PORT
from sim.stories.ending import SETTLE_US_MAX

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from sim.clients.schema_questions import SchemaQuestions
    from sim.cluster.cluster import Cluster
    from sim.key_service.host import KeyServiceHost
    from sim.registry.node.ensemble import Registries
    from sim.stories.asking import Asking
    from sim.stories.pace import Pace
    from sim.stories.schemas import RegistryConfig
    from sim.stories.secrets import KeyServiceConfig

OPERATOR = "operator"
"""Who registers it, from a host of its own."""


def registries_of(config: RegistryConfig, cluster: Cluster) -> Registries:
    """Give the registries of a story; nobody runs yet."""
    # Only who has a registry needs to load one.
    from sim.registry.node.ensemble import Registries

    return Registries(cluster, config.nodes, default_level=config.level, apart=config.apart)


def key_service_of(config: KeyServiceConfig, cluster: Cluster) -> KeyServiceHost:
    """Give the key service of a story, at work. Raises ConfigError without the library that encrypts."""
    try:
        from sim.key_service.host import KeyServiceHost
    except ModuleNotFoundError as error:
        msg = f"a key service needs the module {error.name!r}, which is not installed: pip install 'acklab[governance]'"
        raise ConfigError(msg) from error
    return KeyServiceHost(cluster, tenants=config.tenants, masks=config.masks)


def open_registries(
    config: RegistryConfig, registries: Registries, cluster: Cluster, pace: Pace, asking: Asking
) -> None:
    """Let them begin, and register what is to be there. Raises ConfigError for what is refused."""
    registries.begin()
    pace.step_until(registries.is_settled, SETTLE_US_MAX)
    if not config.subjects:
        return
    (leader,) = registries.leaders
    questions = asking.questions(OPERATOR, cluster.network.add_host(OPERATOR), [f"http://{leader}:{PORT}"])
    ended: list[str] = []
    cluster.world.story(_register(config, questions, ended))
    pace.step_until(lambda: bool(ended), SETTLE_US_MAX)
    if not ended or ended[0]:
        raise ConfigError(f"RegistryConfig.subjects: {ended[0] if ended else 'the registry does not answer'}")
    questions.leave()
    cluster.network.remove_host(OPERATOR)


def _register(
    config: RegistryConfig, questions: SchemaQuestions, ended: list[str]
) -> Generator[simpy.Event, Any, None]:
    try:
        for subject, schema in config.subjects:
            yield from questions.ask(calls.register(subject, schema))
    except SchemaRegistryError as error:
        ended.append(str(error))
    else:
        ended.append("")
