"""ProducerConfig: Kafka's own property names, defaults, ranges and cross-checks (`org.apache.kafka.clients.producer`).

Names are the dotted ones of the Java producer. kafka-python's snake_case and librdkafka's aliases are accepted, an
unknown name is refused with the nearest one that exists, and a property that means nothing here is refused with the
reason, unless its value says what happens here anyway: nothing is silently ignored.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from producer.config import security
from producer.config.profiles import PROFILE, with_profile
from producer.config.property_types import INT_MAX, Boolean, Int, Long, Text, TextList, trimmed
from producer.config.security import SecurityConfig, check_security
from producer.errors import ConfigError
from producer.partitioners import ready_made
from producer.partitioners.salted import read_salts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.partitioners.partitioner import Partitioner

IN_FLIGHT_MAX_IDEMPOTENT = 5
"""Brokers remember five batches per producer id and partition (ProducerStateEntry)."""


def _acks(value: object) -> object:
    # Numbers are other clients' habit; Kafka takes text only.
    text = str(value).strip() if isinstance(value, int | str) else value
    return "all" if text == "-1" else text


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _gzip_level(value: int) -> int:
    if value == 0:
        msg = "must be 1 to 9, or -1 for the codec's own choice"
        raise ValueError(msg)
    return value


Acks = Annotated[Literal["all", "0", "1"], BeforeValidator(_acks)]
CompressionType = Annotated[Literal["none", "gzip", "snappy", "lz4", "zstd"], BeforeValidator(trimmed)]
DnsLookup = Annotated[Literal["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"], BeforeValidator(trimmed)]
RecoveryStrategy = Annotated[Literal["rebootstrap", "none"], BeforeValidator(_lower)]
Level = Annotated[Literal["INFO", "DEBUG", "TRACE"], BeforeValidator(trimmed)]


class ProducerConfig(SecurityConfig):
    """One producer's configuration; build it with `ProducerConfig.from_properties`.

    Field names are the property names with underscores; times are in the unit that the name says (milliseconds).
    """

    bootstrap_servers: TextList = Field(alias="bootstrap.servers", min_length=1)
    """Where to ask first: `host:port`, comma separated."""
    client_dns_lookup: DnsLookup = Field("use_all_dns_ips", alias="client.dns.lookup")
    """Every address of a name is tried. `resolve_canonical_bootstrap_servers_only`: a bootstrap server's addresses are
    turned into the names that they have themselves, once, when the producer is made."""
    client_id: Text = Field("", alias="client.id")
    """Goes with every request; `producer-N` if empty."""
    acks: Acks = Field("all", alias="acks")
    """Whom the leader waits for before it answers: `0` nobody at all, `1` its own log, `all` the in-sync replicas."""
    retries: Int = Field(INT_MAX, alias="retries", ge=0)
    """Attempts after the first; `delivery.timeout.ms` usually ends them sooner."""
    retry_backoff_ms: Long = Field(100, alias="retry.backoff.ms", ge=0)
    """First pause before a retry; it doubles, with 20 % jitter (KIP-580)."""
    retry_backoff_max_ms: Long = Field(1_000, alias="retry.backoff.max.ms", ge=0)
    """Longest pause before a retry; the only one, without jitter, if it is no longer than the first."""
    request_timeout_ms: Int = Field(30_000, alias="request.timeout.ms", ge=0)
    """How long one request may go unanswered; its connection is closed then."""
    delivery_timeout_ms: Int = Field(120_000, alias="delivery.timeout.ms", ge=0)
    """How long a record may take from `send` to its verdict, retries included."""
    linger_ms: Long = Field(5, alias="linger.ms", ge=0)
    """How long a batch waits to be filled."""
    batch_size: Int = Field(16_384, alias="batch.size", ge=0)
    """Bytes of a batch, uncompressed."""
    buffer_memory: Long = Field(33_554_432, alias="buffer.memory", ge=0)
    """Bytes that may wait in all; `send` blocks above it."""
    max_block_ms: Long = Field(60_000, alias="max.block.ms", ge=0)
    """How long `send` may wait for metadata or for room."""
    max_request_size: Int = Field(1_048_576, alias="max.request.size", ge=0)
    """Bytes of a request, and so of a record."""
    max_in_flight_requests_per_connection: Int = Field(5, alias="max.in.flight.requests.per.connection", ge=1)
    """Requests that may wait for an answer on one connection."""
    enable_idempotence: Boolean = Field(True, alias="enable.idempotence")
    """Whether brokers can tell a retry from a new batch (KIP-98)."""
    compression_type: CompressionType = Field("none", alias="compression.type")
    """The codec of every batch."""
    compression_gzip_level: Annotated[Int, AfterValidator(_gzip_level)] = Field(
        -1, alias="compression.gzip.level", ge=-1, le=9
    )
    """1 is fast, 9 is small; -1 leaves it to the codec. There is no 0."""
    compression_lz4_level: Int = Field(9, alias="compression.lz4.level", ge=1, le=17)
    """1 is fast, 17 is small."""
    compression_zstd_level: Int = Field(3, alias="compression.zstd.level", ge=-131_072, le=22)
    """The lower, the faster; 22 is smallest."""
    partitioner_class: Annotated[Any, BeforeValidator(ready_made.resolve)] = Field(None, alias="partitioner.class")
    """Who chooses partitions in place of Kafka's default: the name of a ready-made one, `module:Class`, a class, or a
    `producer.Partitioner`."""
    partitioner_adaptive_partitioning_enable: Boolean = Field(True, alias="partitioner.adaptive.partitioning.enable")
    """Give records without a key less often to partitions whose queue is long (KIP-794)."""
    partitioner_availability_timeout_ms: Long = Field(0, alias="partitioner.availability.timeout.ms", ge=0)
    """Leave a partition out of that whose broker has taken nothing for so long; 0 leaves none out."""
    partitioner_ignore_keys: Boolean = Field(False, alias="partitioner.ignore.keys")
    """Spread keyed records as if they had no key; without effect where `partitioner.class` is given."""
    partitioner_rack_aware: Boolean = Field(False, alias="partitioner.rack.aware")
    """Give records without a key to partitions that are led in `client.rack`, as long as there are any (KIP-1123)."""
    client_rack: Text = Field("", alias="client.rack")
    """Where this client is: the brokers' `broker.rack` that is near."""
    metadata_max_age_ms: Long = Field(300_000, alias="metadata.max.age.ms", ge=0)
    """How old the view of the cluster may grow."""
    metadata_max_idle_ms: Long = Field(300_000, alias="metadata.max.idle.ms", ge=5_000)
    """How long a topic that nobody sends to is remembered."""
    metadata_recovery_strategy: RecoveryStrategy = Field("rebootstrap", alias="metadata.recovery.strategy")
    """What to do when none of the known brokers can be reached: begin again with `bootstrap.servers` (KIP-899), or,
    with `none`, go on trying those that are known."""
    metadata_recovery_rebootstrap_trigger_ms: Long = Field(
        300_000, alias="metadata.recovery.rebootstrap.trigger.ms", ge=0
    )
    """After how long without metadata that is wanted to begin again in the same way, whatever connections there are
    (KIP-1102); no effect with the strategy `none`."""
    reconnect_backoff_ms: Long = Field(50, alias="reconnect.backoff.ms", ge=0)
    """First pause before a lost broker is connected to again; it doubles, with 20 % jitter."""
    reconnect_backoff_max_ms: Long = Field(1_000, alias="reconnect.backoff.max.ms", ge=0)
    """Longest such pause. If `reconnect.backoff.ms` alone is given, every pause is as long as that."""
    socket_connection_setup_timeout_ms: Long = Field(10_000, alias="socket.connection.setup.timeout.ms", ge=0)
    """How long a connection may take to come up, TLS included; doubled, with 20 % jitter, each time that it did not."""
    socket_connection_setup_timeout_max_ms: Long = Field(30_000, alias="socket.connection.setup.timeout.max.ms", ge=0)
    """The most that a connection is given to come up."""
    connections_max_idle_ms: Long = Field(540_000, alias="connections.max.idle.ms")
    """How long an unused connection is kept; below zero for ever."""
    send_buffer_bytes: Int = Field(131_072, alias="send.buffer.bytes", ge=-1)
    """The socket's buffer for what is sent; -1 leaves it to the operating system."""
    receive_buffer_bytes: Int = Field(32_768, alias="receive.buffer.bytes", ge=-1)
    """The socket's buffer for what comes in; -1 leaves it to the operating system."""
    metrics_sample_window_ms: Long = Field(30_000, alias="metrics.sample.window.ms", ge=1)
    """How long one sample of a metric lasts."""
    metrics_num_samples: Int = Field(2, alias="metrics.num.samples", ge=1)
    """How many samples rates, averages and maxima reach back."""
    metrics_recording_level: Level = Field("INFO", alias="metrics.recording.level")
    """INFO records all of Kafka's metrics; DEBUG adds latency percentiles by topic and node; TRACE adds none yet."""
    acklab_fresh_producer_pipelining: Boolean = Field(True, alias="acklab.fresh.producer.pipelining")
    """Ours, not Kafka's. True: as the Java producer, several batches may be in flight to a partition that has not yet
    acknowledged any of this identity. False: one at a time until the first acknowledgement, as franz-go does. A broker
    takes *any* first sequence from an identity that it does not know, so pipelining there can reorder and repeat."""
    acklab_partitioner_salts: Annotated[dict[bytes, int], BeforeValidator(read_salts)] = Field(
        {}, alias="acklab.partitioner.salts"
    )
    """Ours, not Kafka's: the hot keys of `partitioner.class=salted`, each with its number of salts, `user-42:6,user-7:3`."""
    acklab_profile: Text | None = Field(None, alias="acklab.profile")
    """Ours, not Kafka's: `safe`, `strict_order`, `throughput` or `low_latency`. Each stands for several properties;
    those that are given besides win."""

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
        for name in [name for name in given if name in REFUSED]:
            _check_harmless(name, given.pop(name))
        given = with_profile(given)
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

_BYTES = ("org.apache.kafka.common.serialization.ByteArraySerializer", "ByteArraySerializer", "bytes")
HARMLESS: dict[str, tuple[str | None, ...]] = {
    "key.serializer": _BYTES,
    "value.serializer": _BYTES,
    "transactional.id": (None,),
    "transaction.timeout.ms": ("60000",),
    "transaction.two.phase.commit.enable": ("false",),
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


def canonical_name(name: str) -> str:
    """Give Kafka's own name for a property. Raises ConfigError with the nearest name, or the reason it is refused."""
    dotted = name if "." in name else name.replace("_", ".")
    dotted = ALIASES.get(dotted, dotted)
    if dotted in PROPERTIES or dotted in HARMLESS:
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


def _check_harmless(name: str, value: object) -> None:
    taken = HARMLESS[name]
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value).strip()
    if value not in taken and text.lower() not in [one.lower() for one in taken if one is not None]:
        wanted = " or ".join("empty" if one == "" else str(one) for one in taken)
        msg = f"{name} is {value!r}, can only be {wanted} here: {REFUSED[name]}"
        raise ConfigError(msg)


def _say(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "configuration"
    if first["type"] == "missing":
        return f"{name} is required"
    what = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"][0].lower() + first["msg"][1:]
    if name in security.SECRETS:
        return f"{name} is a {type(first['input']).__name__} that is not shown here: {what}"
    return f"{name} is {first['input']!r}: {what}"


def _cross_check(config: ProducerConfig, *, explicit: frozenset[str]) -> ProducerConfig:
    """Apply the rules of `ProducerConfig.postProcessParsedConfig` and `KafkaProducer.configureDeliveryTimeout`."""
    changes: dict[str, object] = {}
    if config.enable_idempotence:
        _check_idempotence(config, explicit, changes)
    if "reconnect.backoff.ms" in explicit and "reconnect.backoff.max.ms" not in explicit:
        changes["reconnect_backoff_max_ms"] = config.reconnect_backoff_ms
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
    if config.partitioner_rack_aware and not config.client_rack:
        msg = f"client.rack is {config.client_rack!r}, must name a rack if partitioner.rack.aware is true"
        raise ConfigError(msg)


def _check_idempotence(config: ProducerConfig, explicit: frozenset[str], changes: dict[str, object]) -> None:
    in_flight = config.max_in_flight_requests_per_connection
    # Not even what switches the implicit idempotence off below excuses this one.
    if in_flight > IN_FLIGHT_MAX_IDEMPOTENT:
        msg = (
            f"max.in.flight.requests.per.connection is {in_flight}, must be at most {IN_FLIGHT_MAX_IDEMPOTENT} "
            "unless enable.idempotence is false"
        )
        raise ConfigError(msg)
    for rule, why in (
        (config.retries == 0, "retries is 0, must be greater than 0 for an idempotent producer"),
        (config.acks != "all", f"acks is {config.acks}, must be all for an idempotent producer"),
    ):
        if not rule:
            continue
        if "enable.idempotence" in explicit:
            profile = "" if config.acklab_profile is None else f", as of {PROFILE}={config.acklab_profile}"
            raise ConfigError(why + profile)
        changes["enable_idempotence"] = False


_ADDRESS = re.compile(r"(?:\w+://)?(?:\[([\w:.%-]+)\]|([\w:.%-]+)):(\d+)", re.ASCII)


def parse_address(server: str) -> tuple[str, int]:
    """Read `host:port`, an IPv6 host with or without brackets; a protocol before it is passed over, as in Kafka.

    Raises ConfigError naming it.
    """
    found = _ADDRESS.fullmatch(server)
    if found is None or not 0 < int(found[3]) < 1 << 16:
        msg = f"bootstrap.servers has {server!r}, must be host:port"
        raise ConfigError(msg)
    return found[1] or found[2], int(found[3])
