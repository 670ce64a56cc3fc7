"""Brokers, partitions and their replicas: the words of the cluster's panel, and of what brokers do."""

from __future__ import annotations

from sim.tui.glossary.word import Word

CLUSTER = (
    Word(
        "CLUSTER",
        "The panel of the brokers side by side: each one's process, and what it is to each partition. Behind them stands what the controller says.",
    ),
    Word(
        "broker",
        "One server of the cluster, as b1. It holds replicas of partitions on its disk, and answers requests.",
        (r"b\d+",),
    ),
    Word(
        "controller",
        "Who decides which broker leads which partition and which replicas count as in sync. Brokers hear of it by the metadata log, so for a moment they may believe otherwise.",
        source="KIP-500",
    ),
    Word("topic", "A name under which records are written and read. It is cut into partitions."),
    Word(
        "partition",
        "One log of a topic, as orders-0. Order is promised within a partition, never between two.",
        (r"partitions",),
    ),
    Word(
        "replica",
        "A copy of a partition on one broker. One replica leads, the others follow it.",
        (r"replicas",),
        "replication.factor",
    ),
    Word(
        "leads",
        "This broker leads the partition (▲): it takes what producers send, and followers copy it.",
        ("▲", r"leader", r"led by"),
        "KafkaRaft's PartitionRecord",
    ),
    Word(
        "follows",
        "This broker copies the partition from its leader (◇), and takes nothing from producers.",
        ("◇", r"follower", r"followers"),
        "ReplicaFetcherThread",
    ),
    Word("up", "The broker's process runs (●).", (r"● up",), is_named=False),
    Word(
        "paused",
        "The process stands still (‖), as in a long collection of garbage: it holds what it held, and knows nothing of the time that passes.",
        ("‖", r"stands still", r"pause"),
    ),
    Word(
        "stopping",
        "The process was asked to end in good order (▼): it gives its leaderships away first.",
        ("▼",),
        "controlled.shutdown.enable",
    ),
    Word(
        "down",
        "The process is dead (✗). Its disk is kept, unless a fault says otherwise.",
        (r"✗ down", r"crashes", r"no process"),
        is_named=False,
    ),
    Word(
        "offline", "The directory of this replica failed: the broker lives and has no access to the log.", (), "KIP-112"
    ),
    Word("no role yet", "The broker runs, and has not yet been told whether it leads or follows."),
    Word("not elected yet", "The partition is new, and nobody leads it so far."),
    Word(
        "no leader",
        "Nobody leads the partition: it takes nothing until one is elected.",
        (r"without a leader", r"by nobody"),
    ),
    Word(
        "fenced",
        "Of a broker: the controller does not count on it, as it was not heard of for a session, or is only starting. It leads nothing, and is in sync with nobody. Of a producer: a newer one has its transactional id.",
        (r"fences", r"fence"),
        "broker.session.timeout.ms; KIP-631",
    ),
    Word(
        "leader epoch",
        "A number that grows with each new leader of a partition, as e3. It stands in each batch, so that replicas can tell whose records they hold.",
        (r"e\d+", r"epoch \d+"),
        "KIP-101",
    ),
    Word(
        "broker epoch",
        "A number that a broker gets with each start. What an earlier life of it says is not believed.",
        source="KIP-380",
    ),
    Word(
        "epoch",
        "A number that grows whenever somebody takes over: of a partition's leader, of a producer, of a broker. Who comes with an older one is refused.",
    ),
    Word(
        "diverging epoch",
        "What a leader answers to a follower whose log is not the beginning of its own: the last epoch, and its end, on which both agree. The follower cuts its log there.",
        (r"diverging",),
        "KIP-595, FetchResponse",
    ),
    Word(
        "truncation",
        "A follower cuts off the end of its log, because the leader has other records there. What was only there is gone.",
        (r"truncated", r"cuts", r"cut off", r"truncates"),
        "KIP-101",
    ),
    Word("offset", "The number of a record in its partition, from 0.", (r"offsets",)),
    Word(
        "log end",
        "The offset that the next record of this replica gets, as in end 30.",
        (r"end \d+", r"log ends at", r"LEO"),
    ),
    Word(
        "high watermark",
        "The offset below which each replica in sync has every record, as in hw 15. Readers get what lies below; what lies above may still be lost.",
        (r"hw(?: +\d+)?", r"HW(?: +\d+)?"),
        "KIP-101",
    ),
    Word(
        "log start",
        "The lowest offset that is still there: what lay below was removed by retention, or by a call.",
        (r"log start offset", r"begins at offset"),
    ),
    Word("segment", "One file of a log. Retention removes whole segments.", (r"segments",), "segment.bytes"),
    Word(
        "compaction",
        "The cleaner keeps the latest record of each key, and removes the others.",
        (r"compacts", r"compacted"),
        "cleanup.policy",
    ),
    Word(
        "ISR",
        "In-sync replicas: those that have come to the leader's end in the last while. acks=all waits for all of them.",
        (r"in sync", r"in-sync replicas", r"InSync\w*"),
        "replica.lag.time.max.ms",
    ),
    Word(
        "min ISR",
        "With acks=all a write is refused where fewer replicas are in sync, as in min 2.",
        (r"min \d+", r"min\.insync\.replicas"),
        "min.insync.replicas",
    ),
    Word(
        "ELR",
        "Eligible leader replicas: they fell out of the ISR when it was already small, and hold everything that was committed. They may be elected without loss.",
        (r"eligible leader replicas",),
        "KIP-966",
    ),
    Word(
        "under-replicated",
        "Not all replicas of the partition are in sync.",
        (r"not all in sync", r"UnderReplicated\w*"),
        "UnderReplicatedPartitions",
    ),
    Word(
        "unclean election",
        "A replica that was not in sync becomes leader, because no other is left. What only the others had is lost.",
        (r"unclean",),
        "unclean.leader.election.enable",
    ),
    Word(
        "purgatory",
        "Where a leader keeps requests that cannot be answered yet: a write with acks=all until the high watermark has passed it, a fetch until there are enough bytes.",
        source="DelayedOperationPurgatory",
    ),
    Word("fetch", "The request by which followers copy and readers read.", (r"Fetch", r"fetches"), "FetchRequest"),
    Word("append", "A leader writes a batch to the end of its log.", (r"appends", r"appended")),
    Word("copies", "A follower writes to its own log what it fetched from the leader.", (r"copied", r"replicated")),
    Word(
        "has it already",
        "The broker knows the batch by producer id, epoch and sequence, and answers as if it were new: nothing is written twice.",
        (r"deduplicated",),
        "ProducerStateManager",
    ),
    Word(
        "metadata",
        "Who leads which partition, and where brokers are, as a client was told last. It may be out of date.",
        (r"Metadata", r"learns who leads"),
        "metadata.max.age.ms",
    ),
    Word(
        "internal topic",
        "A topic that brokers write for themselves: positions of groups, states of transactions.",
        (r"__consumer_offsets", r"__transaction_state"),
    ),
    Word("CRC", "The check sum of a batch. Bytes that changed on a disk are found by it.", (r"corrupt",), "CRC-32C"),
    Word(
        "UnderMinIsrPartitionCount",
        "How many partitions have fewer replicas in sync than min.insync.replicas: acks=all is refused there.",
    ),
    Word("OfflinePartitionsCount", "How many partitions have no leader."),
    Word("ActiveBrokerCount", "How many brokers the controller counts on.", (r"FencedBrokerCount",)),
)
