"""The properties of `org.apache.kafka.clients.producer` as fields, each with its type, its default and its range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from producer.config.property_types import INT_MAX, Boolean, Int, Long, Text, TextList, trimmed
from producer.config.security import SecurityConfig
from producer.config.serialization import SerializationConfig
from producer.partitioners import ready_made
from producer.partitioners.salted import read_salts


def _acks(value: object) -> object:
    # Numbers are other clients' habit; Kafka takes text only.
    text = trimmed(str(value) if isinstance(value, int) else value)
    return "all" if text == "-1" else text


def _lower(value: object) -> object:
    text = trimmed(value)
    return text.lower() if isinstance(text, str) else text


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


class ProducerProperties(SerializationConfig, SecurityConfig):
    """What one producer can be told; `ProducerConfig` is what it was told, checked.

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
    transactional_id: Text | None = Field(None, alias="transactional.id")
    """Who this producer is to its transactions, also after a restart: whoever takes the name next fences it. None: there are no
    transactions."""
    transaction_timeout_ms: Int = Field(60_000, alias="transaction.timeout.ms")
    """How long a transaction may stay open; then its coordinator aborts it, and whoever had it must abort it, too."""
    transaction_two_phase_commit_enable: Boolean = Field(False, alias="transaction.two.phase.commit.enable")
    """Whether somebody else decides how a transaction ends (KIP-939): it is prepared first, and never ends by time-out. Ahead of
    Apache Kafka, whose brokers do half of it, and that only for who asks in an unstable version."""
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
    acklab_remember_leaders: Boolean = Field(True, alias="acklab.remember.leaders")
    """Ours, not Kafka's. True: once a leader was seen in some epoch, nobody is believed who names an older one, also when
    everything was forgotten in between. False: as the Java producer, which believes whatever it hears of a topic that it
    has forgotten: after a rebootstrap a deposed leader, and a record can be in the log twice. It costs nothing, so the
    remedy is the default."""
    acklab_renumber_in_doubt: Boolean = Field(True, alias="acklab.renumber.in.doubt")
    """Ours, not Kafka's. True: as the Java producer, a new epoch gives a new number to every batch without a verdict, also to one
    that is in the log and waits for another attempt, and a batch whose retry is too large is split: it can be there twice, and
    acknowledged. False: a gap waits until all that was sent before it has its verdict under its old number, which costs no more
    than that wait; and what may be in the log is not split, its outcome is unknown."""
    acklab_partitioner_salts: Annotated[dict[bytes, int], BeforeValidator(read_salts)] = Field(
        {}, alias="acklab.partitioner.salts"
    )
    """Ours, not Kafka's: the hot keys of `partitioner.class=salted`, each with its number of salts, `user-42:6,user-7:3`."""
    acklab_profile: Text | None = Field(None, alias="acklab.profile")
    """Ours, not Kafka's: `safe`, `strict_order`, `throughput` or `low_latency`. Each stands for several properties;
    those that are given besides win."""
