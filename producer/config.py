"""ProducerConfig: Kafka's own property names, defaults, ranges and cross-checks (`org.apache.kafka.clients.producer`).

Names are the dotted ones of the Java producer. kafka-python's snake_case and librdkafka's aliases are accepted, an
unknown name is refused with the nearest one that exists, and a property that means nothing here is refused with the
reason: nothing is silently ignored.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from producer import security
from producer.errors import ConfigError
from producer.partitioners import ready_made
from producer.partitioners.salted import read_salts
from producer.security import SecurityConfig, check_security, split_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.partitioners.partitioner import Partitioner

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1
IN_FLIGHT_MAX_IDEMPOTENT = 5
"""Brokers remember five batches per producer id and partition (ProducerStateEntry)."""

MS_US = 1_000


def _acks(value: object) -> object:
    return {"-1": "all"}.get(str(value), str(value))


ServerList = Annotated[list[str], BeforeValidator(split_list)]
Acks = Annotated[Literal["all", "0", "1"], BeforeValidator(_acks)]
CompressionType = Literal["none", "gzip", "snappy", "lz4", "zstd"]


class ProducerConfig(SecurityConfig):
    """One producer's configuration; build it with `ProducerConfig.from_properties`.

    Field names are the property names with underscores; times are in the unit that the name says (milliseconds).
    """

    bootstrap_servers: ServerList = Field(alias="bootstrap.servers", min_length=1)
    """Where to ask first: `host:port`, comma separated."""
    client_id: str = Field("", alias="client.id")
    """Goes with every request; `producer-N` if empty."""
    acks: Acks = Field("all", alias="acks")
    """Whom the leader waits for before it answers: `0` nobody at all, `1` its own log, `all` the in-sync replicas."""
    retries: int = Field(INT_MAX, alias="retries", ge=0, le=INT_MAX)
    """Attempts after the first; `delivery.timeout.ms` usually ends them sooner."""
    retry_backoff_ms: int = Field(100, alias="retry.backoff.ms", ge=0)
    """First pause before a retry; it doubles, with 20 % jitter (KIP-580)."""
    retry_backoff_max_ms: int = Field(1_000, alias="retry.backoff.max.ms", ge=0)
    """Longest pause before a retry."""
    request_timeout_ms: int = Field(30_000, alias="request.timeout.ms", ge=0, le=INT_MAX)
    """How long one request may go unanswered; its connection is closed then."""
    delivery_timeout_ms: int = Field(120_000, alias="delivery.timeout.ms", ge=0, le=INT_MAX)
    """How long a record may take from `send` to its verdict, retries included."""
    linger_ms: int = Field(5, alias="linger.ms", ge=0)
    """How long a batch waits to be filled."""
    batch_size: int = Field(16_384, alias="batch.size", ge=0)
    """Bytes of a batch, uncompressed."""
    buffer_memory: int = Field(33_554_432, alias="buffer.memory", ge=0)
    """Bytes that may wait in all; `send` blocks above it."""
    max_block_ms: int = Field(60_000, alias="max.block.ms", ge=0)
    """How long `send` may wait for metadata or for room."""
    max_request_size: int = Field(1_048_576, alias="max.request.size", ge=0)
    """Bytes of a request, and so of a record."""
    max_in_flight_requests_per_connection: int = Field(5, alias="max.in.flight.requests.per.connection", ge=1)
    """Requests that may wait for an answer on one connection."""
    enable_idempotence: bool = Field(True, alias="enable.idempotence")
    """Whether brokers can tell a retry from a new batch (KIP-98)."""
    compression_type: CompressionType = Field("none", alias="compression.type")
    """The codec of every batch."""
    compression_gzip_level: int = Field(-1, alias="compression.gzip.level", ge=-1, le=9)
    compression_lz4_level: int = Field(9, alias="compression.lz4.level", ge=1, le=17)
    compression_zstd_level: int = Field(3, alias="compression.zstd.level", ge=-131_072, le=22)
    partitioner_class: Annotated[Any, BeforeValidator(ready_made.resolve)] = Field(None, alias="partitioner.class")
    """Who chooses partitions in place of Kafka's default: the name of a ready-made one, `module:Class`, a class, or a
    `producer.Partitioner`."""
    partitioner_adaptive_partitioning_enable: bool = Field(True, alias="partitioner.adaptive.partitioning.enable")
    """Give records without a key less often to partitions whose queue is long (KIP-794)."""
    partitioner_availability_timeout_ms: int = Field(0, alias="partitioner.availability.timeout.ms", ge=0)
    """Leave a partition out of that whose broker has taken nothing for so long; 0 leaves none out."""
    partitioner_ignore_keys: bool = Field(False, alias="partitioner.ignore.keys")
    """Spread keyed records as if they had no key; without effect where `partitioner.class` is given."""
    partitioner_rack_aware: bool = Field(False, alias="partitioner.rack.aware")
    """Give records without a key to partitions that are led in `client.rack`, as long as there are any (KIP-1123)."""
    client_rack: str = Field("", alias="client.rack")
    """Where this client is: the brokers' `broker.rack` that is near."""
    metadata_max_age_ms: int = Field(300_000, alias="metadata.max.age.ms", ge=0)
    """How old the view of the cluster may grow."""
    metadata_max_idle_ms: int = Field(300_000, alias="metadata.max.idle.ms", ge=5_000)
    """How long a topic that nobody sends to is still asked about."""
    reconnect_backoff_ms: int = Field(50, alias="reconnect.backoff.ms", ge=0)
    reconnect_backoff_max_ms: int = Field(1_000, alias="reconnect.backoff.max.ms", ge=0)
    socket_connection_setup_timeout_ms: int = Field(10_000, alias="socket.connection.setup.timeout.ms", ge=0)
    socket_connection_setup_timeout_max_ms: int = Field(30_000, alias="socket.connection.setup.timeout.max.ms", ge=0)
    connections_max_idle_ms: int = Field(540_000, alias="connections.max.idle.ms", ge=-1)
    """How long an unused connection is kept; -1 for ever."""
    send_buffer_bytes: int = Field(131_072, alias="send.buffer.bytes", ge=-1)
    receive_buffer_bytes: int = Field(32_768, alias="receive.buffer.bytes", ge=-1)
    metrics_sample_window_ms: int = Field(30_000, alias="metrics.sample.window.ms", ge=1)
    """How long one sample of a metric lasts."""
    metrics_num_samples: int = Field(2, alias="metrics.num.samples", ge=1, le=INT_MAX)
    """How many samples rates, averages and maxima reach back."""
    metrics_recording_level: Literal["INFO", "DEBUG", "TRACE"] = Field("INFO", alias="metrics.recording.level")
    """INFO records all of Kafka's metrics; DEBUG adds latency percentiles by topic and node; TRACE adds none yet."""
    acklab_fresh_producer_pipelining: bool = Field(True, alias="acklab.fresh.producer.pipelining")
    """Ours, not Kafka's. True: as the Java producer, several batches may be in flight to a partition that has not yet
    acknowledged any of this identity. False: one at a time until the first acknowledgement, as franz-go does. A broker
    takes *any* first sequence from an identity that it does not know, so pipelining there can reorder and repeat."""
    acklab_partitioner_salts: Annotated[dict[bytes, int], BeforeValidator(read_salts)] = Field(
        {}, alias="acklab.partitioner.salts"
    )
    """Ours, not Kafka's: the hot keys of `partitioner.class=salted`, each with its number of salts, `user-42:6,user-7:3`."""

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> ProducerConfig:
        """Build a configuration from Kafka's property names. Values may be text, as in a properties file.

        Raises ConfigError naming the property and the value.
        """
        given: dict[str, Any] = {}
        for name, value in properties.items():
            canonical = canonical_name(name)
            if canonical in given:
                msg = f"{canonical} is given twice (once as {name!r})"
                raise ConfigError(msg)
            given[canonical] = value
        try:
            config = cls.model_validate(given)
        except ValidationError as error:
            raise ConfigError(_say(error)) from error
        return _cross_check(config, explicit=frozenset(given))

    @property
    def acks_code(self) -> int:
        """`acks` as the wire has it: 0, 1 or -1."""
        return -1 if self.acks == "all" else int(self.acks)

    @property
    def bootstrap_addresses(self) -> tuple[tuple[str, int], ...]:
        """`bootstrap.servers` as (host, port)."""
        return tuple(parse_address(server) for server in self.bootstrap_servers)

    def make_partitioner(self) -> Partitioner | None:
        """Give the partitioner of `partitioner.class`, made anew unless it is an object; None for Kafka's default.

        Raises ConfigError if its class cannot be made.
        """
        return ready_made.make(self.partitioner_class, self.acklab_partitioner_salts)


PROPERTIES: dict[str, str] = {
    field.alias: name for name, field in ProducerConfig.model_fields.items() if field.alias is not None
}
"""Property name -> field name."""

ALIASES = {
    "metadata.broker.list": "bootstrap.servers",
    "request.required.acks": "acks",
    "message.timeout.ms": "delivery.timeout.ms",
    "queue.buffering.max.ms": "linger.ms",
    "message.send.max.retries": "retries",
    "compression.codec": "compression.type",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "message.max.bytes": "max.request.size",
    "partitioner": "partitioner.class",
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    **security.ALIASES,
}
"""librdkafka's names for the same things."""

_SERIALIZER = "records are bytes here: serialise before `send`"
_TRANSACTIONS = "transactions are not built yet"
_JVM = "it configures the Java virtual machine's side"
REFUSED = {
    "key.serializer": _SERIALIZER,
    "value.serializer": _SERIALIZER,
    "transactional.id": _TRANSACTIONS,
    "transaction.timeout.ms": _TRANSACTIONS,
    "transaction.two.phase.commit.enable": _TRANSACTIONS,
    "client.dns.lookup": "names are resolved by the operating system, every address tried",
    "interceptor.classes": "interceptors are objects: Producer(properties, interceptors=[…])",
    "enable.metrics.push": "telemetry (KIP-714) is not built",
    "metric.reporters": "nothing is pushed: read `Producer.metrics()`, and `producer.metrics.prometheus_text` writes it",
    "auto.include.jmx.reporter": _JVM,
    "config.providers": _JVM,
    "metadata.recovery.strategy": "when no known broker answers, the bootstrap servers are asked again",
    "metadata.recovery.rebootstrap.trigger.ms": "when no known broker answers, the bootstrap servers are asked again",
    "bootstrap.resolve.timeout.ms": "names are resolved when a connection is made",
    "metadata.cluster.check.enable": "the cluster id is not checked",
    **security.REFUSED,
}
"""Kafka's own properties that have no effect here, and why; giving one is an error rather than a silence."""


def canonical_name(name: str) -> str:
    """Give Kafka's own name for a property. Raises ConfigError with the nearest name, or the reason it is refused."""
    dotted = name if "." in name else name.replace("_", ".")
    dotted = ALIASES.get(dotted, dotted)
    if dotted in PROPERTIES:
        return dotted
    reason = REFUSED.get(dotted) or next(
        (why for prefix, why in security.REFUSED_PREFIXES.items() if dotted.startswith(prefix)), None
    )
    if reason is not None:
        msg = f"property {dotted} has no effect here: {reason}"
        raise ConfigError(msg)
    near = get_close_matches(dotted, [*PROPERTIES, *ALIASES, *REFUSED], n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    msg = f"unknown property {name!r}{hint}"
    raise ConfigError(msg)


def _say(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "configuration"
    if first["type"] == "missing":
        return f"{name} is required"
    if name in security.SECRETS:
        return f"{name} is a {type(first['input']).__name__} that is not shown here: {first['msg'].lower()}"
    return f"{name} is {first['input']!r}: {first['msg'].lower()}"


def _cross_check(config: ProducerConfig, *, explicit: frozenset[str]) -> ProducerConfig:
    """Apply the rules of `ProducerConfig.postProcessAndValidateIdempotenceConfigs` and `configureDeliveryTimeout`."""
    changes: dict[str, object] = {}
    insists = "enable.idempotence" in explicit and config.enable_idempotence
    for rule, why in (
        (config.retries == 0, "retries is 0, must be greater than 0 for an idempotent producer"),
        (config.acks != "all", f"acks is {config.acks}, must be all for an idempotent producer"),
    ):
        if rule and config.enable_idempotence:
            if insists:
                raise ConfigError(why)
            changes["enable_idempotence"] = False
    in_flight = config.max_in_flight_requests_per_connection
    if in_flight > IN_FLIGHT_MAX_IDEMPOTENT and changes.get("enable_idempotence", config.enable_idempotence):
        msg = (
            f"max.in.flight.requests.per.connection is {in_flight}, must be at most {IN_FLIGHT_MAX_IDEMPOTENT} "
            "for an idempotent producer"
        )
        raise ConfigError(msg)
    least_ms = min(config.linger_ms + config.request_timeout_ms, INT_MAX)
    if config.delivery_timeout_ms < least_ms:
        if "delivery.timeout.ms" in explicit:
            msg = (
                f"delivery.timeout.ms is {config.delivery_timeout_ms}, must be at least linger.ms + request.timeout.ms "
                f"= {least_ms}"
            )
            raise ConfigError(msg)
        changes["delivery_timeout_ms"] = least_ms
    _check_partitioner(config)
    check_security(config, explicit=explicit)
    for name in config.bootstrap_servers:
        parse_address(name)
    return config.model_copy(update=changes) if changes else config


def _check_partitioner(config: ProducerConfig) -> None:
    if (config.partitioner_class == ready_made.SALTED) != bool(config.acklab_partitioner_salts):
        msg = "partitioner.class=salted and acklab.partitioner.salts, as in user-42:6, need each other: one is missing"
        raise ConfigError(msg)
    if config.partitioner_rack_aware and not config.client_rack.strip():
        msg = f"client.rack is {config.client_rack!r}, must name a rack if partitioner.rack.aware is true"
        raise ConfigError(msg)


def parse_address(server: str) -> tuple[str, int]:
    """Read `host:port`, an IPv6 host in brackets. Raises ConfigError naming it."""
    host, colon, port = server.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 1 << 16:
        msg = f"bootstrap.servers has {server!r}, must be host:port"
        raise ConfigError(msg)
    return host, int(port)
