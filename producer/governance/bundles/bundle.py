"""A bundle is what one layer says of producer properties; a lock is what no layer nearer to the application may change."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from producer.config.config import PROPERTIES, canonical_name
from producer.errors import ConfigError


class Layer(IntEnum):
    """Who speaks. The nearer to the application, the later, and the later wins unless an earlier one has locked it."""

    ORGANISATION = 1
    TEAM = 2
    ENVIRONMENT = 3
    APPLICATION = 4


class Lock(NamedTuple):
    """What a layer allows those behind it to say of a property; bounds are for whole numbers."""

    exact: bool = False
    """Nothing but the layer's own value."""
    at_least: int | None = None
    at_most: int | None = None
    one_of: tuple[str, ...] = ()

    def refuses(self, own: str | None, value: str) -> str | None:
        """Say what the lock asks for, where a value is something else; None where it is allowed."""
        if self.exact and own is not None and not same(own, value):
            return own
        if self.one_of and not any(same(one, value) for one in self.one_of):
            return f"one of {', '.join(self.one_of)}"
        if self.at_least is None and self.at_most is None:
            return None
        try:
            number = int(value)
        except ValueError:
            return "a whole number"
        if self.at_least is not None and number < self.at_least:
            return f"at least {self.at_least}"
        if self.at_most is not None and number > self.at_most:
            return f"at most {self.at_most}"
        return None


class Setting(NamedTuple):
    """One property as a bundle says it."""

    name: str
    """Kafka's."""
    value: str | None
    """None where the bundle only bounds what others say."""
    lock: Lock | None = None
    why: str = ""


class Bundle(NamedTuple):
    """What one layer says."""

    layer: Layer
    name: str
    """Of the organisation, the team, the environment or the application."""
    settings: tuple[Setting, ...]

    @property
    def said(self) -> str:
        """`team billing`."""
        return f"{self.layer.name.lower()} {self.name}"


class Application(NamedTuple):
    """Who asks for its properties: which bundles hold for it, and what it says itself."""

    name: str
    team: str | None
    environment: str | None
    settings: tuple[Setting, ...] = ()


class Bundles(NamedTuple):
    """All that a file holds."""

    bundles: tuple[Bundle, ...]
    applications: tuple[Application, ...]

    def layers_of(self, application: Application) -> tuple[Bundle, ...]:
        """The bundles that hold for an application, the farthest first, its own last."""
        wanted = {Layer.TEAM: application.team, Layer.ENVIRONMENT: application.environment}
        chosen = [
            one for one in self.bundles if one.layer is Layer.ORGANISATION or one.name == wanted.get(one.layer)
        ]  # fmt: skip
        own = Bundle(Layer.APPLICATION, application.name, application.settings)
        return (*sorted(chosen, key=lambda one: one.layer), own)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same value: `all` is `-1`, and words of Kafka's know no case."""
    words = [text.strip().lower() for text in (one, other)]
    return len({"all" if word == "-1" else word for word in words}) == 1


def property_named(name: str) -> str:
    """Give Kafka's name. Raises ConfigError if there is no such property of a producer."""
    canonical = canonical_name(name)
    if canonical not in PROPERTIES:
        raise ConfigError(f"property {canonical} has no effect here, so no bundle can set it")
    return canonical
