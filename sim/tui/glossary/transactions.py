"""Transactions and groups: the words of their panels, and the states at both sides."""

from __future__ import annotations

from sim.tui.glossary.word import Word

TRANSACTIONS = (
    Word(
        "TRANSACTIONS",
        "The panel of the transactional ids: each as its producer has it, and as its coordinator has it, with the partitions that are in it.",
    ),
    Word(
        "transaction",
        "Records of several partitions, and positions of a group, that count all together or not at all.",
        source="KIP-98",
    ),
    Word(
        "transactional id",
        "The name of whoever writes in transactions, from one life to the next.",
        (r"transactional\.id",),
        "transactional.id",
    ),
    Word(
        "coordinator",
        "The broker that keeps a transactional id's state, or a group's (◆).",
        ("◆", r"coordinators", r"at the coordinator"),
        "TransactionCoordinator, GroupCoordinator",
    ),
    Word("at the producer", "What the producer believes of its transaction; the coordinator may know more, or less."),
    Word("uninitialized", "The producer has not yet asked for its id's state.", (), "TransactionManager.State"),
    Word("initializing", "The producer asks its coordinator for producer id and epoch.", (), "initTransactions"),
    Word(
        "ready", "The producer knows its epoch, and no transaction is open.", (r"» ready",), "TransactionManager.State"
    ),
    Word(
        "in transaction",
        "A transaction is open at its producer: what is sent now belongs to it.",
        (r"» open",),
        "beginTransaction",
    ),
    Word(
        "prepared transaction",
        "Everything is written, and somebody outside decides whether to commit.",
        (r"prepared",),
        "KIP-939",
    ),
    Word(
        "committing transaction",
        "The producer has asked to commit, and waits for the answer.",
        (r"committing",),
        "commitTransaction",
    ),
    Word(
        "aborting transaction",
        "The producer has asked to abort, and waits for the answer.",
        (r"aborting",),
        "abortTransaction",
    ),
    Word(
        "abortable error",
        "Something failed: the transaction can be aborted, and the producer goes on after that.",
        (),
        "TransactionManager.State",
    ),
    Word(
        "fatal error", "The producer can never go on: it was replaced, or has no right.", (), "TransactionManager.State"
    ),
    Word("Empty", "The coordinator knows the id, and no transaction of it is open.", (), "TransactionState"),
    Word("Ongoing", "A transaction is open at its coordinator: partitions are in it.", (), "TransactionState"),
    Word(
        "PrepareCommit",
        "The coordinator has decided to commit: that is final, and markers are on their way.",
        (),
        "TransactionState",
    ),
    Word(
        "PrepareAbort",
        "The coordinator has decided to abort: that is final, and markers are on their way.",
        (),
        "TransactionState",
    ),
    Word("CompleteCommit", "Committed, and each partition has its marker.", (), "TransactionState"),
    Word("CompleteAbort", "Aborted, and each partition has its marker.", (), "TransactionState"),
    Word(
        "Dead", "The coordinator has forgotten the id: it was not used for long.", (), "transactional.id.expiration.ms"
    ),
    Word(
        "marker",
        "The end of a transaction in a partition's log, COMMIT or ABORT: it decides what lies before it.",
        (r"markers", r"COMMIT", r"ABORT"),
        "WriteTxnMarkers",
    ),
    Word(
        "committed",
        "Of a transaction: it counts, whole. Of a record: each replica in sync has it. Of a position: the group goes on there.",
        (r"commits",),
    ),
    Word(
        "aborted",
        "The transaction counts for nothing: its records stay in the log, and read_committed passes over them.",
        (r"aborts",),
    ),
    Word("unknown", "Nobody was told how the transaction ended.", (r"\d+ unknown",), is_named=False),
    Word(
        "LSO",
        "The last stable offset: the first record of a transaction that is still open, or the high watermark if none is. read_committed reads no further.",
        (r"last stable offset",),
        "KIP-98",
    ),
    Word(
        "read_committed",
        "A reader that is given nothing of a transaction before it is committed.",
        (r"read committed",),
        "isolation.level",
    ),
    Word(
        "read_uncommitted",
        "A reader that is given whatever lies below the high watermark, aborted or not.",
        (),
        "isolation.level",
    ),
    Word(
        "hangs",
        "A transaction is open in a log, and its coordinator has none: nobody will end it, and read_committed waits for ever.",
        (r"hanging",),
        "KIP-664",
    ),
    Word(
        "V2",
        "Transactions of the second kind: each has an epoch of its own, so that a late request of the last one is known.",
        (),
        "KIP-890",
    ),
    Word(
        "V1",
        "Transactions of the first kind: one epoch a life, and partitions are added by a request of their own.",
        (),
        "KIP-98",
    ),
    Word(
        "shut out",
        "The coordinator raised the epoch: whoever had the older one is refused from now on.",
        (r"refused epoch",),
    ),
    Word("nothing is in it", "No partition has been added to the transaction."),
    Word("does not know it yet", "The coordinator has never heard of this id."),
    Word(
        "group",
        "Readers that share a topic's partitions, each partition being one member's.",
        (r"groups", r"consumer group"),
        "group.id",
    ),
    Word("member", "One reader of a group.", (r"members",)),
    Word("position", "Up to which offset a group has come in a partition.", (r"positions",), "OffsetCommit"),
    Word(
        "rebalance",
        "Partitions are shared out anew, because a member came, went or was not heard of.",
        (r"rebalances",),
    ),
)
