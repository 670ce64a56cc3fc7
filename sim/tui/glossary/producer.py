"""From `send` to an answer: the words of the producer's panel, and of what it does."""

from __future__ import annotations

from sim.tui.glossary.word import Word

PRODUCER = (
    Word(
        "PRODUCER",
        "The panel of the producers: who they are, where each batch waits, and how many records have an answer.",
        (r"PRODUCERS",),
    ),
    Word("record", "What an application sends: a key, a value, headers, a time.", (r"records",)),
    Word("key", "By its key a record goes to a partition, so that those of one key stay in order.", (r"key \S+",)),
    Word(
        "batch",
        "Records of one partition that are sent together, and written or refused together.",
        (r"batch \d+", r"batches"),
        "batch.size",
    ),
    Word(
        "accumulator",
        "The producer's memory: batches that are open, or wait to be sent, by partition (□).",
        ("□",),
        "buffer.memory, RecordAccumulator",
    ),
    Word(
        "in flight",
        "Sent, and without an answer so far (»). At most five requests a connection are, by default.",
        ("»",),
        "max.in.flight.requests.per.connection",
    ),
    Word(
        "retrying",
        "An attempt failed, and another will be made (↻).",
        ("↻", r"tried again", r"retried"),
        "retries, retry.backoff.ms",
    ),
    Word(
        "try", "Which attempt this is: try 2 is the first that repeats.", (r"try \d+", r"attempt \d+"), is_named=False
    ),
    Word(
        "until",
        "When the batch's records fail, if no answer has come by then.",
        (r"until \S+s",),
        "delivery.timeout.ms",
        is_named=False,
    ),
    Word("done", "Batches that were acknowledged, or given up.", (r"✓ done",), is_named=False),
    Word(
        "failed",
        "The producer has told the application that the record was not written: it was refused, or never sent.",
        (r"given up",),
    ),
    Word(
        "split",
        "A batch was too large for the broker: its records go on in smaller ones.",
        (r"too large",),
        "MESSAGE_TOO_LARGE",
    ),
    Word(
        "linger",
        "How long an open batch waits for more records before it is sent.",
        (r"linger\.ms",),
        "linger.ms, 5 ms by default since Kafka 4.0",
    ),
    Word(
        "muted",
        "Nothing more leaves for this partition until the batch under way has its answer: so order holds.",
        (),
        "RecordAccumulator.mutePartition",
    ),
    Word(
        "back-off",
        "How long a producer waits before it tries again; longer with each failure.",
        (r"backoff", r"back off"),
        "retry.backoff.ms, KIP-580",
    ),
    Word("sent", "Handed over to the producer by the application.", (r"\d+ sent",), is_named=False),
    Word(
        "acknowledged",
        "The application was told that the record is written (o).",
        (r"acked", r"told as written", r"acknowledgement"),
        "acks",
    ),
    Word("waiting", "Sent by the application, which has no answer yet.", (r"\d+ waiting",), is_named=False),
    Word(
        "perhaps written",
        "The application was told of a failure that does not say whether the record is in the log; or it died without an answer.",
        (r"unsure", r"perhaps not written"),
    ),
    Word("read back", "Records that readers were given.", (r"\d+ read",)),
    Word(
        "acks",
        "What must be true before a leader answers. 0: nothing, there is no answer. 1: it is in the leader's log. all: every replica in sync has it.",
        (r"acks=\S+",),
        "acks",
    ),
    Word(
        "idempotence",
        "The producer numbers its records, and a broker writes each number once: what is sent again is not doubled.",
        (r"idempotent",),
        "enable.idempotence, KIP-98",
    ),
    Word(
        "producer id",
        "The number by which brokers know an idempotent producer.",
        (r"id \d+ epoch \d+", r"no producer id"),
        "InitProducerId",
    ),
    Word(
        "producer epoch",
        "A number that grows when a producer begins anew, or is replaced. Requests of an older one are refused.",
        (r"new epoch",),
        "KIP-98, KIP-360",
    ),
    Word(
        "sequence",
        "The number of a record among those of its producer and partition, as in seq 5-9. A leader takes the next one only, and knows the last five batches again.",
        (r"seq \d+(?:-\d+)?", r"sequences"),
        "KIP-98",
    ),
    Word(
        "connected to",
        "The brokers to which the producer has a connection; in brackets those to which one is only being opened.",
        (r"to b\d+(?: \(b\d+\))?",),
    ),
    Word("not connected", "No connection is open: the producer begins with its bootstrap servers."),
    Word(
        "bootstrap servers",
        "The addresses with which a client begins, before it knows the cluster.",
        (r"bootstrap\.servers",),
        "bootstrap.servers",
    ),
    Word("raw client", "A client that sends requests as a story tells it to, without a producer's care."),
    Word("has not begun", "No application has started yet."),
    Word(
        "ended",
        "Of an application: its process is gone, and whatever it was not told it will never hear.",
        (r"✗ ended",),
        is_named=False,
    ),
    Word(
        "partitioner",
        "What chooses a record's partition: by its key's hash, or in turn where it has none.",
        (r"murmur2", r"sticky", r"round_robin"),
        "partitioner.class",
    ),
    Word(
        "skew", "How unevenly records spread: the largest partition's share, over what it would be if all were equal."
    ),
    Word(
        "compression",
        "Batches are packed before they are sent.",
        (r"lz4", r"zstd", r"snappy", r"gzip"),
        "compression.type",
    ),
    Word("client id", "By which name a client calls itself; quotas and logs use it.", (r"client\.id",), "client.id"),
    Word(
        "request",
        "What a client asks of a broker, as Produce or Metadata; each connection numbers its own.",
        (r"requests",),
    ),
    Word(
        "phase",
        "A stretch of an application's sends; the next one begins when all of the last is known.",
        (r"phase \d+",),
    ),
    Word("application", "Whoever uses the producer: it sends, and is told what became of it (·).", (r"applications",)),
    Word(
        "dead letter", "A record that cannot be used goes to a topic of its own, with the reason.", (r"dead letters",)
    ),
)
