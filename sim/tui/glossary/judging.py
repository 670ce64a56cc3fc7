"""Promises, verdicts and faults: what a run is asked, and what is done to it. The promises' own entries come from their judges."""

from __future__ import annotations

from sim.judges.guarantees import GUARANTEES
from sim.tui.glossary.word import Word

_OWN = (
    Word(
        "VERDICTS",
        "The list of the promises, each judged by the trace: what broke stands first, with the records that show it.",
    ),
    Word(
        "promise",
        "What Kafka says of what is acknowledged, as a sentence that a run can break.",
        (r"promised", r"promises", r"PROMISES"),
    ),
    Word(
        "holds",
        "The judge looked at everything that the promise is about, and found nothing against it (✓).",
        (r"held", r"hold"),
        is_named=True,
    ),
    Word("breaks", "The judge found a record that shows it (✗).", (r"broke", r"violated", r"broken")),
    Word(
        "not shown",
        "The run does not show enough to say that the promise held (?).",
        (r"inconclusive", r"not as asked"),
    ),
    Word(
        "looked at",
        "How many records, or other things, a judge has checked; a promise that held on none was not put to the test.",
        (r"nothing to look at",),
    ),
    Word("in the end", "What each broker has of the record when the run is over."),
    Word(
        "fault",
        "What is done to the cluster or its clients on purpose (x): a crash, a pause, an answer that is lost.",
        (r"faults", r"fault:"),
    ),
    Word("no effect", "The fault struck, and there was nothing for it to do; or it was refused."),
    Word("schedule", "When which fault strikes: at a time, or at a point in the protocol.", (r"schedules",)),
    Word(
        "seed",
        "The number from which all chance of a run comes: the same story and seed give the same run.",
        (r"seed \d+",),
    ),
    Word("digest", "A number over everything that happened: two runs with the same one are the same, event for event."),
    Word(
        "witness",
        "A file that holds all that a run needs to be run again, and what it showed.",
        (r"WITNESSES", r"witnesses"),
    ),
    Word("trace", "Everything that happened in a run, as typed events in one order."),
    Word("planted bug", "A bug of ours, put in on purpose to see that it is found."),
    Word(
        "invariant breached",
        "Something is wrong that no configuration allows: a bug in a broker, planted or real.",
        (r"invariant",),
    ),
    Word("cut short", "The story's time was up, or the run was stopped, before everybody was done."),
    Word("settled", "Nothing moves any more: all is copied, decided and read."),
    Word(
        "virtual time", "The clock of the simulation: a run of minutes takes a blink, and is the same on every machine."
    ),
)
PROMISES = tuple(
    Word(one.name, f"The breach of this promise: {one.promise}.", source="a guarantee of `acklab run`")
    for one in GUARANTEES.values()
)
JUDGING = (*_OWN, *PROMISES)
