"""What the screens call their own parts."""

from __future__ import annotations

from sim.tui.glossary.word import Word

SCREEN = (
    Word("GLOSSARY", "Every word that the screens use; F1 opens it."),
    Word("STATE", "In text: everything that the panels show, as it is right after one event."),
    Word("EVENTS", "Everything that happened, one event a line: time, number, whose it is, what."),
    Word("event", "One thing that happened, as #128: its number in the trace.", (r"#\d+", r"events"), is_named=True),
    Word(
        "now",
        "The moment that the screen shows (●): everything on it is as it was right after this event.",
        (r"● now",),
        is_named=False,
    ),
    Word(
        "story",
        "A question about a promise, with a cluster, applications and faults: `acklab list` has them.",
        (r"STORIES", r"stories", r"scenario", r"scenarios"),
    ),
    Word(
        "COURSE",
        "Lessons: predict, observe, explain, and an exercise that is checked. `acklab learn`.",
        (r"course", r"Lesson \d+"),
    ),
    Word(
        "aside",
        "In a comparison: what only serves something else, as a request for metadata, a connection, a high watermark; b shows them.",
        (r"asides?",),
    ),
    Word("EXPLORE", "A search for schedules of faults that break a promise. `acklab explore`.", (r"explore",)),
    Word(
        "FINDINGS",
        "What a search has found: each a schedule that breaks a promise, made as small as it gets.",
        (r"findings",),
    ),
    Word(
        "WHICH PROMISES HOLD?",
        "Say of each promise whether it will hold, before the story is told.",
        (r"WHICH PROMISES HOLD",),
    ),
    Word("RIGHT", "How many of the promises came as somebody had said before.", (r"\d+ OF \d+ RIGHT",), is_named=False),
    Word(
        "changed",
        "What was made otherwise in the second of two runs; everything else is the same.",
        (r"changed:",),
        is_named=False,
    ),
    Word("first difference", "The first event that the two runs do not share."),
    Word(
        "BROKERS",
        "What each broker does at this moment: how many partitions it leads and follows, and what it was last busy with.",
    ),
    Word("FAULTS", "The faults that have struck so far, with the event at which each did.", is_named=True),
    Word("HEAT", "Keys by partitions, as counts of records: which partition is hot, and which key makes it so."),
    Word(
        "hot",
        "A partition that gets far more than its share of records, or the key that makes it so.",
        (r"hot:", r"fullest"),
    ),
    Word("OPEN IN LOGS", "Transactions that have begun in a partition's log, and have no marker there yet."),
    Word(
        "WHY",
        "What brought an event about, cause by cause, back to the fault or to the application's send.",
        (r"[Bb]ecause",),
    ),
    Word(
        "cause",
        "An event without which another would not have come about: a request for its answer, a crash for an election.",
        (r"causes",),
    ),
    Word(
        "LOGS",
        "Each replica's log, record by record: who wrote it, in which leader epoch, and where a log was cut.",
        (r"logs view",),
    ),
    Word(
        "lane",
        "One line of time of the space-time picture: a client, a broker or the controller; messages go from lane to lane.",
        (r"lanes", r"SPACE-TIME"),
    ),
    Word("METRICS", "Kafka's own metrics over the time of the run, by their names in Kafka.", (r"metrics",)),
    Word("BYTES", "A request or a batch as the bytes that went over the network, each field named."),
    Word(
        "LIVE",
        "The run goes on while somebody looks: Space lets time go on, and what is struck becomes the schedule of an equal run.",
        (r"goes on live",),
    ),
    Word("STRIKE NOW", "Faults that strike at this very moment, each by a key, at what is aimed at."),
    Word("pin", "To keep a moment in mind: what changed since then is told from there on.", (r"pins", r"pinned")),
    Word("DIFF", "What an event changed in the state, field by field; or what changed since a pinned moment."),
    Word(
        "was", "The value before the latest fault; beside it stands the one of this moment.", (r"was:",), is_named=False
    ),
    Word(
        "ATTACHED",
        "The screen looks at a cluster that is served elsewhere: its events come over the control port as they happen.",
        (r"attached",),
    ),
    Word("CLIENTS", "The addresses from which clients come to the served cluster, and how many connections each has."),
)
