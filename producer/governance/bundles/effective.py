"""What holds for an application: each property with the layer that it came from, and what a lock refused."""

from __future__ import annotations

from typing import NamedTuple

from producer.config.config import ProducerConfig
from producer.errors import ConfigError
from producer.governance.bundles.bundle import Application, Bundles, Lock
from producer.governance.lint.dialect import DEFAULTS, Dialect

DEFAULT = "Kafka's default"
"""Who speaks where no layer does."""


class Said(NamedTuple):
    """What one layer says of a property."""

    layer: str
    """`team billing`."""
    value: str


class Refusal(NamedTuple):
    """What a layer says and may not."""

    name: str
    value: str
    layer: str
    """Who says it."""
    locked_by: str
    """Who has locked it."""
    allowed: str
    """What the lock asks for."""
    why: str

    @property
    def message(self) -> str:
        """One line that names both."""
        reason = f" ({self.why})" if self.why else ""
        return (
            f"{self.name}={self.value} of {self.layer} is refused: {self.locked_by} locks it to {self.allowed}{reason}"
        )


class Effective(NamedTuple):
    """One property that holds."""

    name: str
    value: str
    layer: str
    """Where it came from."""
    locked_by: str | None
    why: str
    over: tuple[Said, ...]
    """What farther layers say, and are not heard, the farthest first."""


class Explained(NamedTuple):
    """All that there is to say of one application's properties."""

    application: str
    layers: tuple[str, ...]
    settings: tuple[Effective, ...]
    refusals: tuple[Refusal, ...]

    @property
    def properties(self) -> dict[str, str]:
        """By Kafka's names; what was refused is left out, so the farther layer's value holds."""
        return {one.name: one.value for one in self.settings}


def explain(bundles: Bundles, application: Application) -> Explained:
    """Lay the bundles that hold for an application over each other, the nearest on top, as far as locks allow."""
    holds: dict[str, Effective] = {}
    locks: dict[str, list[_Locked]] = {}
    refusals = []
    layers = bundles.layers_of(application)
    for bundle in layers:
        for name, value, lock, why in bundle.settings:
            refused = None if value is None else _refused(bundle.said, name, value, locks.get(name, []))
            if refused is not None:
                refusals.append(refused)
                continue
            held = holds.get(name)
            if value is not None:
                over = () if held is None else (*held.over, Said(held.layer, held.value))
                holds[name] = Effective(name, value, bundle.said, None, why, over)
            if lock is not None:
                locks.setdefault(name, []).append(_Locked(bundle.said, lock, value, why))
    for name, owners in locks.items():
        if name in holds:
            holds[name] = holds[name]._replace(locked_by=owners[0].layer)
        elif refused := _refused(DEFAULT, name, str(DEFAULTS[Dialect.JAVA][name]), owners):
            refusals.append(refused)
    told = tuple(holds[name] for name in sorted(holds))
    return Explained(application.name, tuple(one.said for one in layers), told, tuple(refusals))


def properties_for(bundles: Bundles, name: str) -> dict[str, str]:
    """Give the properties of an application, for its producer. Raises ConfigError for a lock that it breaks, and an unknown name."""
    application = next((one for one in bundles.applications if one.name == name), None)
    if application is None:
        there = ", ".join(one.name for one in bundles.applications) or "none"
        raise ConfigError(f"no application is called {name!r}; there are {there}")
    explained = explain(bundles, application)
    if explained.refusals:
        raise ConfigError("; ".join(one.message for one in explained.refusals))
    return explained.properties


def contradiction(properties: dict[str, str]) -> str | None:
    """Say what makes properties no configuration of a producer, though each of them is allowed; None if nothing."""
    try:
        ProducerConfig.from_properties({"bootstrap.servers": "localhost:9092", **properties})
    except ConfigError as error:
        return str(error)
    return None


class _Locked(NamedTuple):
    layer: str
    lock: Lock
    value: str | None
    why: str


def _refused(layer: str, name: str, value: str, locks: list[_Locked]) -> Refusal | None:
    for one in locks:
        allowed = one.lock.refuses(one.value, value)
        if allowed is not None:
            return Refusal(name, value, layer, one.layer, allowed, one.why)
    return None
