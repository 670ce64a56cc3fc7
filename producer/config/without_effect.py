"""Kafka's properties that have no effect here: why not, and the values that are taken because they say what happens anyway."""

from __future__ import annotations

from producer.config import security
from producer.errors import ConfigError

_JVM = "it configures the Java virtual machine's side"
REFUSED = {
    "interceptor.classes": "interceptors are objects: Producer(properties, interceptors=[…])",
    "enable.metrics.push": "telemetry (KIP-714) is not built",
    "metric.reporters": "nothing is pushed: read `Producer.metrics()`, and `producer.metrics.prometheus_text` writes it",
    "auto.include.jmx.reporter": _JVM,
    "config.providers": "values are taken as they are given, and none is looked up elsewhere",
    "bootstrap.resolve.timeout.ms": "names are resolved when a connection is made, and again as long as a record waits",
    "metadata.cluster.check.enable": "the check (KIP-1242) takes ApiVersions 5 of Kafka 4.4, and 4 is spoken here",
    "buffer.memory.allocation.strategy": "a batch takes its bytes of buffer.memory when it is opened",
    **security.REFUSED,
}
"""Kafka's own properties that have no effect here, and why; giving one is an error rather than a silence."""

HARMLESS: dict[str, tuple[str | None, ...]] = {
    "interceptor.classes": ("",),
    "enable.metrics.push": ("false",),
    "metric.reporters": ("",),
    "auto.include.jmx.reporter": ("false",),
    "config.providers": ("",),
    "bootstrap.resolve.timeout.ms": ("0",),
    "metadata.cluster.check.enable": ("false",),
    "buffer.memory.allocation.strategy": ("full",),
}
"""Values of refused properties that say what happens here anyway: they are taken, so that a configuration may name them."""


def check_harmless(name: str, value: object) -> None:
    """Raise ConfigError unless the value of a property of HARMLESS says what happens here anyway."""
    taken = HARMLESS[name]
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value).strip()
    if value not in taken and text.lower() not in [one.lower() for one in taken if one is not None]:
        wanted = " or ".join("empty" if one == "" else str(one) for one in taken)
        msg = f"{name} is {value!r}, can only be {wanted} here: {REFUSED[name]}"
        raise ConfigError(msg)
