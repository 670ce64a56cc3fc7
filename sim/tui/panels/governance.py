"""The governance page, line by line: rights, errors by class, throttling, and who writes what for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.report.telling_rights import resource_text, rule_text
from sim.trace.trace import time_text
from sim.tui.lines import Line, Span, Tone
from sim.tui.panels.error_classes import CLASSES, class_of
from sim.tui.panels.page import PageRow, heading, laid_out
from sim.tui.telling import code_text, records_text

if TYPE_CHECKING:
    from sim.tui.view_model import State
    from sim.tui.view_model.governance import Governance, Principal, Rule, Ruled, Trouble

LABEL = 16
"""Columns in which stands whom a line is about; it goes on in the next lines behind as many."""
RIGHTS = "RIGHTS"
ANONYMOUS = "User:ANONYMOUS"
"""Who has proved nothing."""
_ANYBODY = "User:*"
_PRINCIPAL, _HOST, _PERMISSION = 3, 4, 6
"""Places in a rule."""


class _Said(NamedTuple):
    """What is told of somebody, before it is laid into lines."""

    who: str
    spans: Line
    event: int | None = None


def governance_rows(state: State, *, width: int) -> list[PageRow]:
    """Lay out all that is known at a moment; every line fits, and none is cut. A width of 0 is any."""
    known = state.governance
    parts = (
        (RIGHTS, _about_rights(known), _rights(state)),
        (
            "ERRORS BY CLASS",
            "what clients met, and how often",
            _errors(known),
        ),
        ("THROTTLING", "who exceeded a quota, and was not read for so long", _throttling(state)),
        ("POLICY", "what was said of records before they were sent, and of keys", _policy(known)),
        ("AUDIT", "lines that are on its disk: an intent before each record, an outcome behind", _audits(known)),
        ("LINEAGE", "who writes a topic, and who reads it", _lineage(known)),
    )
    rows: list[PageRow] = []
    for title, about, said in parts:
        told = list(said)
        is_empty = not told and title != RIGHTS
        # What there is nothing of has one line, so that all that there is stands on a small screen.
        rows += [PageRow(())] if rows and not is_empty else []
        rows += heading(title, "none so far" if is_empty else about, width)
        for one in told:
            rows += _told(one, width)
    return rows


def _told(one: _Said, width: int) -> list[PageRow]:
    if len(one.who) + 3 <= LABEL:
        return laid_out((Span(f"  {one.who}".ljust(LABEL)), *one.spans), width, indent=LABEL, event=one.event)
    # Its name has a line of its own before anything of it is cut.
    name = laid_out((Span(f"  {one.who}"),), width, indent=4, event=one.event)
    return name + laid_out((Span(" " * LABEL), *one.spans), width, indent=LABEL, event=one.event)


# -- rights ------------------------------------------------------------------------------------------------------------


def _about_rights(known: Governance) -> str:
    if known.authorizer is None:
        return "no broker looks at them: every client may everything"
    whose = f"{', '.join(known.authorizer.super_users)} may everything; " if known.authorizer.super_users else ""
    rest = "what no rule is about is open to all" if known.authorizer.is_open else "what no rule allows is refused"
    return f"{whose}{rest}"


def _rights(state: State) -> Iterator[_Said]:
    """Tell of each client whom brokers take it for and what it may do; then the rules of whoever did not come, and refusals."""
    known = state.governance
    told: set[Rule] = set()
    for client in known.clients:
        principal = known.principals.get(client)
        if principal is None and known.authorizer is None:
            continue
        rules = _rules_of(known, client, principal)
        told.update(rules)
        event = max((known.rules[rule] for rule in rules), default=None)
        yield _Said(client, (*_who(principal), *_may(known, principal, rules)), event)
    others: dict[str, list[Rule]] = {}
    for rule in known.rules:
        if rule not in told:
            others.setdefault(rule[_PRINCIPAL], []).append(rule)
    for name, rules in sorted(others.items()):
        yield _Said("-", (Span(f"{name} "), *_listed(rules)), max(known.rules[rule] for rule in rules))
    for (name, operation, kind, resource), refused in sorted(known.refused.items()):
        what = f"{name} may not {operation} {resource_text(kind, resource)}: refused {_times(refused.times)}, last at #{refused.last_event}"
        yield _Said("✗ refused", (Span(what, Tone.BAD),), refused.last_event)


def _who(principal: Principal | None) -> Line:
    if principal is None:
        return (Span(f"{ANONYMOUS} ", Tone.DIM),)
    by = f", by {principal.mechanism}" if principal.mechanism else ""
    return (Span(f"{principal.name}{by}: "),)


def _may(known: Governance, principal: Principal | None, rules: list[Rule]) -> Line:
    name = ANONYMOUS if principal is None else principal.name
    if known.authorizer is None:
        return (Span("may everything", Tone.DIM),)
    if name in known.authorizer.super_users:
        return (Span("may everything, as a super user", Tone.GOOD),)
    return _listed(rules) if rules else (Span("no rule is about it", Tone.UNSURE),)


def _listed(rules: list[Rule]) -> Line:
    """Give rules in words, those that deny before those that allow, as they are looked at."""
    spans: list[Span] = []
    for rule in sorted(rules, key=lambda one: (one[_PERMISSION] != "DENY", one)):
        whose = f"{rule[_PRINCIPAL]} "
        text = rule_text(rule).removeprefix(whose)
        if rule[_PRINCIPAL] == _ANYBODY:
            text = f"{text} (as anybody)"
        tone = Tone.BAD if rule[_PERMISSION] == "DENY" else Tone.GOOD
        spans += [Span("; ")] if spans else []
        spans.append(Span(text, tone))
    return tuple(spans)


def _rules_of(known: Governance, client: str, principal: Principal | None) -> list[Rule]:
    name = ANONYMOUS if principal is None else principal.name
    return [rule for rule in known.rules if rule[_PRINCIPAL] in {name, _ANYBODY} and rule[_HOST] in {"*", client}]


# -- errors ------------------------------------------------------------------------------------------------------------


def _errors(known: Governance) -> Iterator[_Said]:
    found = sorted((CLASSES.index(class_of(code)), client, code) for client, code in known.troubles)
    for place, client, code in found:
        trouble = known.troubles[client, code]
        spans = Span(f"{CLASSES[place]}  ", Tone.BAD), Span(code_text(code), Tone.KEY), Span(f"  {_counted(trouble)}")
        yield _Said(client, spans, trouble.last_event)


def _counted(trouble: Trouble) -> str:
    batches = "1 batch" if trouble.retried == 1 else f"{trouble.retried} batches"
    said = (
        f"{batches} tried again" if trouble.retried else "",
        f"{records_text(trouble.failed)} not written" if trouble.failed else "",
        f"{records_text(trouble.unknown)} perhaps not written" if trouble.unknown else "",
        f"{trouble.told} logins refused" if trouble.told > 1 else "1 login refused" if trouble.told else "",
    )
    return f"{', '.join(filter(None, said))}, last at #{trouble.last_event}"


# -- quotas ------------------------------------------------------------------------------------------------------------


def _throttling(state: State) -> Iterator[_Said]:
    known = state.governance
    for (entity, limit), value in sorted(known.quotas.items()):
        yield _Said("quota", (Span(f"{entity} {limit}="), Span(value, Tone.KEY)))
    for (client_id, user, quota), one in sorted(known.throttled.items()):
        is_held = one.until_us > state.now_us
        now = f", and not read for another {time_text(one.until_us - state.now_us)}" if is_held else ""
        whose = "" if user == "ANONYMOUS" else f" of User:{user}"
        said = f"{quota} quota{whose} exceeded {_times(one.times)}, {time_text(one.total_us)} in all"
        yield _Said(
            client_id,
            (Span("‖ " if is_held else "", Tone.UNSURE), Span(said), Span(now, Tone.UNSURE)),
            one.last_event,
        )


# -- policies and keys -------------------------------------------------------------------------------------------------


def _policy(known: Governance) -> Iterator[_Said]:
    for (client, topic), ruled in sorted(known.rulings.items()):
        spans = [Span(f"{topic}: "), *_verdicts(ruled)]
        if ruled.violations:
            spans.append(Span(f"; the latest: {ruled.violations}", Tone.DIM))
        yield _Said(client, tuple(spans), ruled.last_event)
    for (client, whose), key in sorted(known.keys.items()):
        which = f", version {key.version}" if key.version else ""
        said = (
            Span(f"no key of {whose}: {key.error}", Tone.BAD) if key.error else Span(f"has the key of {whose}{which}")
        )
        yield _Said(client, (said,), key.last_event)
    for tenant, (version, event) in sorted(known.tenants.items()):
        said = Span(f"has key version {version} now") if version else Span("its keys are deleted", Tone.BAD)
        yield _Said(tenant, (said,), event)
    for secret, event in known.secrets.items():
        yield _Said("secret", (Span(f"{secret} is to lie on no disk as it is"),), event)


def _verdicts(ruled: Ruled) -> Iterator[Span]:
    """Give each count that is not zero. A gateway hands on; only where it refuses or changes something has a policy spoken."""
    within = [(ruled.counted, "counted", Tone.UNSURE), (ruled.plain, "in plaintext", Tone.BAD)]
    if ruled.is_at_gateway:
        yield Span(f"{ruled.handed_on} handed on by the gateway")
        if ruled.changed:
            yield Span(f" ({ruled.changed} changed by its policy)", Tone.GOOD)
    if ruled.passed or not ruled.is_at_gateway:
        yield Span(", " if ruled.is_at_gateway else "")
        yield Span(f"{ruled.passed} passed", Tone.GOOD)
    for count, word, tone in within:
        if count:
            yield Span(f" ({count} {word})", tone)
    for count, word in ((ruled.refused, "refused"), (ruled.dead_lettered, "to dead letters")):
        if count:
            yield Span(f", {count} {word}", Tone.BAD)


# -- audits ------------------------------------------------------------------------------------------------------------


def _audits(known: Governance) -> Iterator[_Said]:
    for name, audit in sorted(known.audits.items()):
        spans = [Span(f"kept by {audit.client}: {audit.intents} intents, {audit.outcomes} outcomes")]
        if audit.torn:
            spans.append(Span(f"; half a line at its end {_times(audit.torn)}", Tone.BAD))
        if audit.without_outcome:
            spans.append(Span(f"; {audit.without_outcome} intents without an outcome for good", Tone.UNSURE))
        yield _Said(name, tuple(spans), audit.last_event)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


# -- lineage -----------------------------------------------------------------------------------------------------------


def _lineage(known: Governance) -> Iterator[_Said]:
    for topic in sorted({topic for _, topic in (*known.writes, *known.reads)}):
        label = topic
        for client, flow in sorted((who, one) for (who, where), one in known.writes.items() if where == topic):
            schema = f", by {flow.schema}" if flow.schema else ""
            said = f" writes it: {flow.acknowledged} of {records_text(flow.sent)} acknowledged{schema}"
            yield _Said(label, (Span("◀ ", Tone.PRODUCER), Span(client), Span(said)), flow.last_event)
            label = ""
        for client, reading in sorted((who, one) for (who, where), one in known.reads.items() if where == topic):
            onward = sorted(where for who, where in known.writes if who == client)
            more = f", and writes {', '.join(onward)}" if onward else ""
            said = f" reads it: {records_text(reading.read)}{more}"
            yield _Said(label, (Span("▶ ", Tone.FOLLOWER), Span(client), Span(said)), reading.last_event)
            label = ""
