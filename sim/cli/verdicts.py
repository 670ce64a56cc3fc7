"""A report as text: what was promised, what was lost and why, for somebody in their first week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.cli.screen import MARKS, bold, coloured, columns, labelled, say, width
from sim.judges.guarantees import GUARANTEES, Finding, State, Verdict, out_of, paired
from sim.judges.invariants import Breach
from sim.judges.report import ClientCounts, Counts, Report, chain, text_of, topic_loads
from sim.stories.properties import producers_part, properties_of, settings_of
from sim.stories.scenario import Scenario

NAMED_MAX = 5
"""How many records of a broken promise are named; the rest is counted."""
LABEL_WIDTH_MIN = 11


def properties_text(properties: Mapping[str, str]) -> str:
    """Write a producer's properties in one line."""
    if not properties:
        return "default configuration"
    return " ".join(f"{name}={value}" for name, value in properties.items())


def tell(report: Report, scenario: Scenario, *, again: str) -> None:
    """Print one run."""
    _tell_head(report, scenario)
    for verdict in report.verdicts:
        _tell_verdict(verdict, report)
    if report.breach is not None:
        _tell_breach(report.breach)
    _tell_rest(report, scenario)
    if scenario.notes:
        say()
        for line in labelled("", scenario.notes, label_width=0):
            say(line)
    say()
    _tell_end(report, again)


def tell_both(first: Report, second: Report, scenario: Scenario, *, again: str, compared: Sequence[str] = ()) -> None:
    """Print two runs of one schedule side by side, then why the first broke its promise, and where they part for a reason."""
    _tell_head(first, scenario)
    rows = [
        ("producer", _producer_text(first, scenario), _producer_text(second, scenario)),
        *_cluster_rows(scenario, first, second),
        ("sent", str(first.counts.sent), str(second.counts.sent)),
        ("acknowledged", str(first.counts.acknowledged), str(second.counts.acknowledged)),
        ("read back", str(first.counts.read), str(second.counts.read)),
        ("", "", ""),
    ]
    pairs = paired(first.verdicts, second.verdicts)
    rows += [(_guarantee(*pair), _cell(pair[0], first), _cell(pair[1], second)) for pair in pairs]
    before = len(rows) - len(pairs)

    def paint(text: str, row: int, column: int) -> str:
        place = row - before
        verdict = pairs[place][column] if 0 <= place < len(pairs) else None
        return text if verdict is None else coloured(text, verdict.state)

    for line in columns(rows, paint=paint):
        say(line)
    _tell_rest(first, scenario)
    _tell_unstruck(second, "beside: ")
    say()
    for line in labelled("", _comparison(first, second), label_width=0):
        say(line)
    for line in compared:
        say(f"  {line}".rstrip())
    say()
    _tell_end(first, again)
    say(f"beside  digest {second.digest}")


def _cluster_rows(scenario: Scenario, *reports: Report) -> list[tuple[str, str, str]]:
    """Give the settings of topics and brokers as a row; none where nothing is set."""
    mine, other = (settings_of(scenario, one.properties) for one in reports)
    if not mine and not other:
        return []
    left, right = (properties_text(one) if one else "as the story has it" for one in (mine, other))
    return [("cluster", left, right)]


def _producer_text(report: Report, scenario: Scenario) -> str:
    return properties_text(producers_part(scenario, report.properties))


def _tell_head(report: Report, scenario: Scenario) -> None:
    counts = report.counts
    say(bold(f"{report.scenario}, seed {report.seed}"))
    if report.planted_bug:
        say(bold(f"! PLANTED BUG {report.planted_bug}: this run is not what users get"))
    for line in labelled("", scenario.question, label_width=0):
        say(line)
    say()
    lines = _producer_lines(report, scenario)
    settings = settings_of(scenario, report.properties)
    lines += labelled("cluster", properties_text(settings)) if settings else []
    for place, entry in enumerate(report.schedule):
        lines += labelled("faults" if place == 0 else "", str(entry))
    for place, entry in enumerate(scenario.readers):
        lines += labelled("readers" if place == 0 else "", str(entry))
    told = _told_text(counts)
    gone = f", {counts.deleted} deleted with their topic" if counts.deleted else ""
    if counts.retired:
        unread = f" ({counts.retired_unread} before anybody read them)" if counts.retired_unread else ""
        gone += f", {counts.retired} removed by their topic's settings{unread}"
    lines += labelled("records", f"{told}; {counts.read} read back at the end{gone}")
    if len(report.clients) > 1:
        lines += [line for one in report.clients for line in labelled("", f"{one.client}: {_told_text(one)}")]
    for place, one in enumerate(report.schemas):
        lines += labelled("schemas" if place == 0 else "", str(one))
    lines += labelled(
        "time",
        f"{report.trace.clock(report.virtual_us)} from the story's beginning, {report.events} events",
    )
    for line in lines:
        say(line)
    say()


def _producer_lines(report: Report, scenario: Scenario) -> list[str]:
    """Say how the producer is configured, and whether its application processes or writes in transactions; each one's, where there are several."""
    works = {one.application: f"; {one}" for one in report.works}
    if len(scenario.cast) == 1:
        work = works.get(scenario.cast[0].name, "")
        return labelled("producer", f"{_producer_text(report, scenario)}{work}")
    lines: list[str] = []
    for one in scenario.cast:
        own = properties_of(scenario, report.properties, one.name)
        work = works.get(one.name, "")
        lines += labelled("" if lines else "producers", f"{one.name}: {properties_text(own)}{work}")
    return lines


def _told_text(counts: Counts | ClientCounts) -> str:
    unknown = f", {counts.unknown} unknown" if counts.unknown else ""
    return f"{counts.sent} sent, {counts.acknowledged} acknowledged, {counts.failed} failed{unknown}"


def _guarantee(one: Verdict | None, other: Verdict | None) -> str:
    verdict = one or other
    assert verdict is not None
    return verdict.guarantee


def _cell(verdict: Verdict | None, report: Report) -> str:
    if verdict is None:
        return "  not asked"
    if verdict.state is State.VIOLATED:
        return f"{MARKS[verdict.state]} {len(verdict.findings)} of {out_of(verdict, report.counts.sent)}"
    return f"{MARKS[verdict.state]} {'none' if verdict.state is State.HOLDS else 'inconclusive'}"


def _tell_verdict(verdict: Verdict, report: Report) -> None:
    if verdict.state is State.VIOLATED:
        things = GUARANTEES[verdict.guarantee].things
        count = f"{len(verdict.findings)} of {out_of(verdict, report.counts.sent)} {things}"
        text = f"VIOLATED by {count}: {verdict.promise}"
    else:
        checked = f"{verdict.checked} looked at" if verdict.checked else "nothing to look at"
        text = f"{verdict.state.value}: {verdict.promise} ({checked})"
    # The mark is painted after wrapping, for colour codes have no width.
    first, *others = labelled(verdict.guarantee, text, label_width=_label_width(report))
    say(coloured(f"{MARKS[verdict.state]} {first[2:]}", verdict.state))
    for line in others:
        say(coloured(line, verdict.state))


def _label_width(report: Report) -> int:
    """How wide the column of the promises' names is, with the space behind."""
    return max([LABEL_WIDTH_MIN, *(len(verdict.guarantee) + 1 for verdict in report.verdicts)])


def _tell_breach(breach: Breach) -> None:
    """Print which invariant the planted bug broke: no verdict, since no user ever sees it."""
    text = f"BREACHED: {breach.invariant}: {breach.what} (after event #{breach.event})"
    first, *others = labelled("invariant", text, label_width=LABEL_WIDTH_MIN)
    for line in (f"{MARKS[State.VIOLATED]} {first[2:]}", *others):
        say(coloured(line, State.VIOLATED))


def _tell_rest(report: Report, scenario: Scenario) -> None:
    """Print the reasons, the load of the partitions, what did not go as planned, and what to try next."""
    for verdict in report.violated:
        _tell_why(verdict, report)
    if scenario.shows_partitions:
        _tell_partitions(report)
    for one in report.given_up:
        offsets = f"offsets {one.from_offset} to {one.to_offset - 1}"
        _say_marked(
            "!", f"given up: {offsets} of {one.tp} were committed, and {one.why} lost them (event #{one.event})"
        )
    _tell_unstruck(report)
    if report.stopped:
        _say_marked("?", f"cut short: {report.stopped}")


def _say_marked(mark: str, text: str) -> None:
    first, *others = labelled("", text, label_width=0)
    for line in (f"{mark} {first[2:]}", *others):
        say(line)


def _tell_unstruck(report: Report, whose: str = "") -> None:
    """Print which faults did not strike: with `?` those that were asked for, with `!` those that may be refused."""
    for unstruck in report.unfired:
        say(f"? {whose}no fault: {unstruck.text} ({unstruck.reason})")
    for unstruck in report.refused:
        mark = "?" if unstruck in report.missed else "!"
        say(f"{mark} {whose}no effect: {unstruck.text} ({unstruck.reason})")


def _tell_why(verdict: Verdict, report: Report) -> None:
    findings = verdict.findings
    named = ", ".join(map(_name, findings[:NAMED_MAX]))
    more = f" and {len(findings) - NAMED_MAX} more" if len(findings) > NAMED_MAX else ""
    say()
    for line in labelled("", f"{verdict.guarantee.capitalize()}: {named}{more}.", label_width=0):
        say(line)
    first = findings[0]
    whose = f"{first.name[0].upper()}{first.name[1:]}: " if first.record >= 0 else ""
    for line in labelled("", f"{whose}{first.what}. How it came about:", label_width=0):
        say(line)
    for number, text in chain(report.trace.events, first.moments):
        for line in labelled(f"{report.trace.moment(number):>9}  #{number}", text, label_width=17):
            say(line)
    if first.replicas:
        for line in labelled("", f"In the end: {_replicas(first)}.{_identity(first)}", label_width=0):
            say(line)


def _name(finding: Finding) -> str:
    if finding.record < 0:
        return finding.name
    key = "no key" if finding.key is None else text_of(finding.key)
    return f"{key} ({finding.name})"


def _replicas(finding: Finding) -> str:
    words = {
        "present": "has it at offset {}",
        "corrupt": "has it corrupt at offset {}",
        "truncated": "had it at offset {} and cut it off",
        "never had": "never had it",
    }
    return ", ".join(f"b{replica.broker} {words[replica.state].format(replica.offset)}" for replica in finding.replicas)


def _identity(finding: Finding) -> str:
    if finding.sequence < 0:
        return " It was sent without a sequence number (no idempotence)."
    return f" It was sent as sequence {finding.sequence} of producer {finding.producer_id}, epoch {finding.producer_epoch}."


def _tell_partitions(report: Report) -> None:
    for load in topic_loads(report.trace):
        say()
        say(f"  topic {load.topic}: the fullest partition has {load.skew:.1f} times the average")
        say("  partition  records    bytes  share  keys  hottest")
        for one in load.partitions:
            row = (
                f"  {one.where.partition:>9}  {one.records:>7}  {one.size_bytes:>7}  {one.share:>4.0%}  {one.keys:>5}  "
            )
            room = width() - len(row)
            hottest = ""
            for hot in one.hottest:
                more = f"{', ' if hottest else ''}{text_of(hot.key)} x{hot.records}"
                if len(hottest) + len(more) > room:
                    break
                hottest += more
            say(row + hottest)


def _comparison(first: Report, second: Report) -> str:
    broken = [verdict.guarantee for verdict in first.violated]
    still = [verdict.guarantee for verdict in second.violated]
    name = properties_text(second.properties)
    name = "the default configuration" if name == "default configuration" else name
    if not broken:
        return (
            f"Nothing broke here; under {name} {'nothing did either' if not still else f'this broke: {_list(still)}'}."
        )
    if not still and second.exit_code == 0:
        kept = f"{second.counts.acknowledged} of {second.counts.sent} acknowledged, each one read back"
        return f"The same faults under {name}: {kept}. The promise held."
    if not still:
        return f"The same faults under {name}: nothing was found, but the run does not show enough to be sure."
    return f"The same faults under {name} break: {_list(still)}."


def _list(names: list[str]) -> str:
    return ", ".join(names)


def tell_other_end(report: Report) -> None:
    """Say where a story came to another end than its own `expects` says; nothing where it came to that one."""
    broken = {verdict.guarantee for verdict in report.violated}
    whole, broke = sorted(report.expects - broken), sorted(broken - report.expects)
    said = [f"{_list(whole)} to break, and {'it' if len(whole) == 1 else 'they'} did not"] if whole else []
    said += [f"{_list(broke)} to hold, and {'it' if len(broke) == 1 else 'they'} broke"] if broke else []
    if said:
        say(f"expects {'; '.join(said)}: the story's `expects` says so")


def _tell_end(report: Report, again: str) -> None:
    say(f"digest  {report.digest}")
    say(f"again   {again}")
