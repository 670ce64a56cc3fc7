"""The table of docs/producer.md that holds our transactional producer beside Java's, made from the stagings.

`python -m tests.interop.transactional_table` plays all of them on Apache Kafka, of both kinds of transactions, and writes it anew.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.driven import compile_java
from tests.interop.transactional_pair import SOURCE, JavaTransactions, OurTransactions
from tests.interop.transactional_stage import BESIDE, JAVAS, OURS, READ, Line, Make, TransactionalStage
from tests.interop.transactional_stagings import DIFFERENCES, PROXIED, STAGINGS, Staging

MANUAL = Path(__file__).parents[2] / "docs" / "producer.md"
BEGIN = "<!-- transactions beside Java's: written by `python -m tests.interop.transactional_table` -->\n"
END = "<!-- transactions beside Java's: end -->\n"
HEAD = ("what happens", "kind", "Java's 4.3.1", "ours", "`read_committed`")
KINDS = {2: "V2", 1: "V1"}
"""Each level of transaction.version, and what its transactions are called."""
ALL_RETURNED = "-"

PROPERTIES = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"}
"""Look for transactions that are open too long every half second."""


class Cells(NamedTuple):
    """What became of one staging."""

    javas: str
    """The calls that did not return, and what they raised."""
    ours: str
    read: str


# -- playing -----------------------------------------------------------------------------------------------------------


@contextmanager
def transactional_kafka(folder: Path, level: int) -> Iterator[ApacheKafka]:
    """One broker, whose transactions are of one kind."""
    words = ("--feature", f"transaction.version={level}")
    with ApacheKafka(folder, brokers=1, properties=PROPERTIES, format_words=words) as kafka:
        yield kafka


def play(staging: Staging, kafka: ApacheKafka, java: JavaTransactions, *, level: int) -> list[Line]:
    """Put both producers through a staging; how each call ended."""
    stage = TransactionalStage(
        kafka,
        name_of(staging).replace("_", "-"),
        (Make(OURS, OurTransactions()), Make(JAVAS, java)),
        is_v2=level == 2,
        is_proxied=staging in PROXIED,
    )
    try:
        staging(stage)
        return stage.finish()
    finally:
        stage.close()


def name_of(staging: Staging) -> str:
    return staging.__name__


# -- cells -------------------------------------------------------------------------------------------------------------


def cells_of(staging: Staging, lines: Sequence[Line]) -> dict[str, Cells]:
    """The rows of one staging, by title: one for each producer that it is about."""
    reads = [
        line.ours.shown if line.is_alike else f"**{line.ours.shown}**; Java's: {line.javas.shown}"
        for line in lines
        if line.label == READ
    ]
    rows: dict[str, Cells] = {}
    calls = [line for line in lines if line.label != READ and not line.producer.startswith(BESIDE)]
    for name in dict.fromkeys(line.producer for line in calls):
        own = [line for line in calls if line.producer == name]
        # Where they differ Java tells the reason that came last, which may be another one the next time.
        javas = [
            (line, line.javas.shown if line.is_alike else line.javas.raised) for line in own if not line.javas.is_well
        ]
        ours = [
            (line, line.ours.shown if line.is_alike else f"**{line.ours.shown}**")
            for line in own
            if not (line.ours.is_well and line.is_alike)
        ]
        title = f"{title_of(staging)} {name}".strip()
        rows[title] = Cells(_grouped(javas), _grouped(ours), "; ".join(reads) or ALL_RETURNED)
    return rows


def _grouped(told: Iterable[tuple[Line, str]]) -> str:
    """Calls that ended alike one behind the other, together."""
    groups = [
        f"{', '.join(f'`{line.label}`' for line, _ in group)}: {shown}"
        for shown, group in itertools.groupby(told, key=lambda one: one[1])
    ]
    return "; ".join(groups) or ALL_RETURNED


def title_of(staging: Staging) -> str:
    return (staging.__doc__ or "").strip().partition("\n")[0]


# -- the manual --------------------------------------------------------------------------------------------------------


def table(found: Mapping[tuple[str, str], Cells]) -> str:
    """The table, by title and kind; what ended alike on both kinds is one row."""
    rows = [HEAD, ("---",) * len(HEAD)]
    for title in dict.fromkeys(title for title, _ in found):
        by_cells: dict[Cells, list[str]] = {}
        for kind in KINDS.values():
            by_cells.setdefault(found[title, kind], []).append(kind)
        rows += [(title, ", ".join(sorted(kinds)), *cells) for cells, kinds in by_cells.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def reasons() -> str:
    """Why ours differs where it does, a line a reason."""
    return "".join(f"- {' '.join(why.split())}\n" for why in dict.fromkeys(why for _, why in DIFFERENCES.values()))


def cells_in_the_manual() -> dict[tuple[str, str], Cells]:
    """The cells of each row, by title and kind."""
    _, found, rest = MANUAL.read_text().partition(BEGIN)
    assert found, f"{MANUAL} has lost {BEGIN}"
    written: dict[tuple[str, str], Cells] = {}
    rows = [line for line in rest.partition(END)[0].splitlines() if line.startswith("| ")]
    for row in rows[2:]:  # without the head
        title, kinds, *cells = row.removeprefix("| ").removesuffix(" |").split(" | ")
        written |= {(title, kind): Cells(*cells) for kind in kinds.split(", ")}
    return written


def section(found: Mapping[tuple[str, str], Cells]) -> str:
    return f"\n{table(found)}\n**Where they differ**, in bold, on purpose:\n{reasons()}\n"


def main() -> None:
    """Play everything, and write what came of it."""
    found: dict[tuple[str, str], Cells] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        classes = folder / "java"
        classes.mkdir()
        java = JavaTransactions(class_path=compile_java(SOURCE, classes), log=folder / "java.log")
        try:
            for level, kind in KINDS.items():
                with transactional_kafka(folder / kind, level) as kafka:
                    for staging in STAGINGS:
                        rows = cells_of(staging, play(staging, kafka, java, level=level))
                        found |= {(title, kind): cells for title, cells in rows.items()}
        finally:
            java.close()
    before, begins, rest = MANUAL.read_text().partition(BEGIN)
    _, ends, after = rest.partition(END)
    assert begins, f"{MANUAL} has lost {BEGIN}"
    assert ends, f"{MANUAL} has lost {END}"
    MANUAL.write_text(f"{before}{BEGIN}{section(found)}{END}{after}")


if __name__ == "__main__":
    main()
