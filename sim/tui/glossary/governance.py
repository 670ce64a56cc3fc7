"""Who may do what, who was held back, what was hidden: the words of the governance page, and of objects."""

from __future__ import annotations

from sim.tui.glossary.word import Word

GOVERNANCE = (
    Word("RIGHTS", "Who may do what, by the rules that brokers look at.", (r"rights",)),
    Word("principal", "Whom a broker takes a client for, as User:shop.", (r"User:\S+",), "KIP-50"),
    Word("ANONYMOUS", "A client that has proved nothing.", (), "KafkaPrincipal"),
    Word("super user", "May everything, whatever the rules say.", (r"super users",), "super.users"),
    Word(
        "rule",
        "Allows or denies a principal an operation on a resource; one that denies goes before all that allow.",
        (r"may READ", r"may WRITE", r"ALLOW", r"DENY"),
        "AclBinding",
    ),
    Word("refused", "A broker said no: to a login, to an operation, to a record.", (r"REFUSED",)),
    Word("ERRORS BY CLASS", "The errors that clients met, by what they are about."),
    Word("replication shortfall", "Too few replicas were in sync for acks=all.", (), "NOT_ENOUGH_REPLICAS"),
    Word("authorization", "A right was missing.", (r"\w+_AUTHORIZATION_FAILED",)),
    Word("authentication", "A login failed.", (r"SASL_AUTHENTICATION_FAILED",)),
    Word("throttling", "A quota held a client back.", (r"THROTTLING", r"throttled"), "throttle_time_ms"),
    Word("record refused", "The record itself was at fault: too large, a wrong time, against a policy."),
    Word(
        "producer identity",
        "The number, the epoch or the sequence of a producer was not what the broker expected.",
        (r"OUT_OF_ORDER_SEQUENCE_NUMBER", r"INVALID_PRODUCER_EPOCH", r"UNKNOWN_PRODUCER_ID", r"PRODUCER_FENCED"),
    ),
    Word(
        "leadership moved",
        "The broker does not lead the partition any more, or has not heard that it does.",
        (r"NOT_LEADER_OR_FOLLOWER", r"FENCED_LEADER_EPOCH", r"LEADER_NOT_AVAILABLE"),
    ),
    Word(
        "network and time",
        "A connection broke, or an answer did not come in time.",
        (r"REQUEST_TIMED_OUT", r"NETWORK_EXCEPTION"),
    ),
    Word("other", "Errors of no other class.", (), is_named=False),
    Word(
        "quota",
        "How much a client may write or read in a second. Who exceeds it is not read from for a while.",
        (r"quotas", r"not read for another \S+"),
        "producer_byte_rate",
    ),
    Word(
        "POLICY",
        "What was said of records before they were sent: passed, refused, or sent to dead letters.",
        (r"policy", r"\d+ passed"),
    ),
    Word(
        "handed on",
        "Records that a gateway gave to a broker, each time that they came: as they came, or with what its policy hides hidden.",
        (r"\d+ handed on by the gateway",),
    ),
    Word("plaintext", "A field that a policy hides, and that was written as it is.", (r"in plaintext",)),
    Word(
        "key version",
        "Which of a tenant's keys: a change makes a new one, and what was hidden under the old one stays readable until it is deleted.",
        (r"has the key of \S+",),
    ),
    Word("secret", "A value that is to lie on no disk as it is.", (r"secrets",)),
    Word(
        "AUDIT",
        "A log of who wrote what: an intent before each record, an outcome behind.",
        (r"audit", r"audits", r"intents", r"outcomes", r"outcome", r"intent"),
    ),
    Word("LINEAGE", "Who writes a topic (◀), and who reads it (▶).", (r"lineage",), "OpenLineage"),
    Word("OBJECT", "The record that this moment is about, as its application sees it: its schema and its fields."),
    Word(
        "schema",
        "What fields a value has, and of which type; its id stands before the value's bytes.",
        (r"schemas", r"no schema"),
    ),
    Word(
        "schema registry",
        "Where schemas are kept, and which says whether one may follow another.",
        (r"registry", r"registries"),
    ),
    Word(
        "compatibility",
        "Which schema may follow which: BACKWARD, so that new readers read old records; FORWARD, so that old readers read new ones; FULL, both.",
        (r"BACKWARD\w*", r"FORWARD\w*", r"FULL\w*"),
    ),
    Word("read by", "Which reader was given the record, and by which schema it decoded it."),
)
