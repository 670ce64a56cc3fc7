"""What librdkafka's properties mean here: Kafka's name for each, those without effect, and those that are refused."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    "client.id": "rdkafka",
    "enable.idempotence": False,
    "delivery.timeout.ms": 300_000,
    "batch.size": 1_000_000,
    "max.request.size": 1_000_000,
    # A key's partition is what an application notices first.
    "partitioner.class": "consistent_random",
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 10_000,
}
"""librdkafka's, by Kafka's names."""
IN_FLIGHT_DEFAULT = 1_000_000
"""max.in.flight, unless idempotence asks for five."""

MEANINGS = {
    "batch.size": "batch.size",
    "client.dns.lookup": "client.dns.lookup",
    "client.id": "client.id",
    "client.rack": "client.rack",
    "compression.codec": "compression.type",
    "connections.max.idle.ms": "connections.max.idle.ms",
    "enable.idempotence": "enable.idempotence",
    "max.in.flight.requests.per.connection": "max.in.flight.requests.per.connection",
    "message.max.bytes": "max.request.size",
    "message.send.max.retries": "retries",
    "message.timeout.ms": "delivery.timeout.ms",
    "metadata.max.age.ms": "metadata.max.age.ms",
    "metadata.recovery.rebootstrap.trigger.ms": "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy": "metadata.recovery.strategy",
    "partitioner": "partitioner.class",
    "queue.buffering.max.ms": "linger.ms",
    "reconnect.backoff.max.ms": "reconnect.backoff.max.ms",
    "reconnect.backoff.ms": "reconnect.backoff.ms",
    "request.required.acks": "acks",
    "request.timeout.ms": "request.timeout.ms",
    "retry.backoff.max.ms": "retry.backoff.max.ms",
    "retry.backoff.ms": "retry.backoff.ms",
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.password": "sasl.password",
    "sasl.username": "sasl.username",
    "security.protocol": "security.protocol",
    "socket.connection.setup.timeout.ms": "socket.connection.setup.timeout.ms",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "ssl.ca.location": "ssl.truststore.location",
    "ssl.ca.pem": "ssl.truststore.certificates",
    "ssl.certificate.pem": "ssl.keystore.certificate.chain",
    "ssl.cipher.suites": "ssl.cipher.suites",
    "ssl.endpoint.identification.algorithm": "ssl.endpoint.identification.algorithm",
    "ssl.key.password": "ssl.key.password",
    "ssl.key.pem": "ssl.keystore.key",
    "transaction.timeout.ms": "transaction.timeout.ms",
    "transactional.id": "transactional.id",
}
"""librdkafka's name -> Kafka's name for the same thing."""

WITHOUT_EFFECT = {
    "api.version.fallback.ms": "versions are always negotiated",
    "api.version.request": "versions are always negotiated",
    "api.version.request.timeout.ms": "request.timeout.ms holds for it",
    "batch.num.messages": "batch.size alone bounds a batch",
    "broker.address.family": "every address is tried",
    "broker.address.ttl": "names are resolved for each connection",
    "broker.version.fallback": "versions are always negotiated",
    "debug": "Python's logging decides what is shown",
    "enable.gapless.guarantee": "a gap starts a new epoch, as in the Java producer",
    "error_cb": "a message's own error says what went wrong",
    "log.connection.close": "Python's logging decides what is shown",
    "log.queue": "Python's logging decides what is shown",
    "log.thread.name": "Python's logging decides what is shown",
    "log_level": "Python's logging decides what is shown",
    "logger": "Python's logging decides what is shown",
    "queue.buffering.backpressure.threshold": "full batches leave at once",
    "socket.keepalive.enable": "the system's default holds",
    "socket.nagle.disable": "Nagle's algorithm is always off",
    "socket.timeout.ms": "request.timeout.ms holds for every request",
    "statistics.interval.ms": "there are no librdkafka statistics",
    "stats_cb": "there are no librdkafka statistics",
    "sticky.partitioning.linger.ms": "a partition is left after batch.size bytes (KIP-794)",
    "throttle_cb": "throttling is obeyed, not reported",
    "topic.metadata.propagation.max.ms": "an unknown topic is waited for until message.timeout.ms",
    "topic.metadata.refresh.fast.interval.ms": "retry.backoff.ms holds for it",
    "topic.metadata.refresh.interval.ms": "metadata.max.age.ms holds for it",
    "topic.metadata.refresh.sparse": "only topics in use are asked for",
}
"""librdkafka's properties that are accepted, change nothing, and are logged with the reason."""
NO_EFFECT = "it is a consumer's, or says what does not arise here"

CALLBACKS = {"error_cb": TypeError, "throttle_cb": ValueError, "stats_cb": TypeError, "oauth_cb": TypeError}
"""What confluent-kafka raises for one that cannot be called."""

INSTEAD = {
    "sasl.jaas.config": "sasl.username and sasl.password say it here",
    "ssl.truststore.location": "ssl.ca.location names a PEM file",
}
"""Java's, which librdkafka refuses by name."""

REFUSED = {
    "plugin.library.paths": "plugins are C libraries for librdkafka",
    "test.mock.num.brokers": "there is no mock cluster here",
}
"""What cannot be done here, and must not be left out in silence."""
REFUSED_WITH_TLS = {
    "enable.ssl.certificate.verification": "certificates are always verified; ssl.endpoint.identification.algorithm=none leaves out the host's name",
    "ssl.crl.location": "lists of revoked certificates are not read",
    "ssl.curves.list": "Python's ssl chooses curves itself",
    "ssl.engine.location": "keys are read from PEM files",
    "ssl.keystore.location": "PKCS#12 is not read: ssl.certificate.location and ssl.key.location name PEM files",
    "ssl.providers": "keys are read from PEM files",
    "ssl.sigalgs.list": "Python's ssl chooses signatures itself",
}
REFUSED_WITH_TOKENS = {
    "enable.sasl.oauthbearer.unsecure.jwt": "tokens come from oauth_cb",
    "sasl.oauthbearer.method": "tokens come from oauth_cb",
}

MECHANISMS = ("GSSAPI", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
"""Those of SASL that librdkafka has, by these names alone."""

LEVELS = {"gzip": (1, 9), "lz4": (1, 12), "zstd": (0, 22)}
"""By codec: least and most that is taken; librdkafka brings a level into its codec's range, too."""

OWN = frozenset(
    (
        "compression.level",
        "delivery.report.only.error",
        "metadata.broker.list",
        "queue.buffering.max.kbytes",
        "queue.buffering.max.messages",
        "sasl.oauthbearer.config",
        "ssl.certificate.location",
        "ssl.key.location",
        "topic.compression.codec",
    )
)
"""What the façade itself sees to."""
