"""The check of lesson 15: 60 runs of a shop, a till and an intern, in which nothing may be disclosed, refused or lost from sight by mistake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from producer import ConfigError, Record
from sim import (
    Application,
    Authentication,
    AuthorizerSettings,
    Broken,
    Cause,
    Checked,
    ClusterConfig,
    Entry,
    Exercise,
    KeyServiceConfig,
    Listener,
    Phase,
    RecordAcknowledged,
    RecordFailed,
    RecordGoverned,
    RecordRead,
    RecordSent,
    Report,
    Scenario,
    Secret,
    SecurityProtocol,
    Stream,
    Tell,
    TopicConfig,
    User,
    Workload,
    at,
    each_run,
    parse_entry,
)

SEEDS = 60
MS_US = 1_000
ORDERS_EACH = 6
WITHOUT_KEY = ("pass", "refuse")
OF_THE_SHOP = ("orders-de", "orders-fr")
TOPICS = (*OF_THE_SHOP, "orders-test", "payments")
USERS = tuple(User(name, f"{name}-s-own-password") for name in ("shop", "till", "intern"))
PEOPLE = ("ada.lovelace@example.org", "alan.turing@example.org", "grace.hopper@example.org")
CARDS = ("4111-1111-1111-1111", "5500-0000-0000-0004", "3400-0000-0000-009")
NAMES = ("Ada", "Alan", "Grace")
OPENED_AGAIN = {"encrypt", "tokenise"}
"""What has a way back for whoever has the key."""


class Choice(NamedTuple):
    """What the learner chose."""

    rights: tuple[Entry, ...]
    on_missing_key: str
    orders: Mapping[str, Any]
    payments: Mapping[str, Any]


def read_choice(exercise: Exercise) -> Choice:
    """Take RIGHTS, ON_MISSING_KEY, ORDERS and PAYMENTS. Raises ExerciseError naming file and line."""
    rights = []
    for line in exercise.texts("RIGHTS"):
        if line.partition(" ")[0] not in {"grant", "deny"}:
            raise exercise.error(f"RIGHTS has {line!r}, lines begin with grant or deny", "RIGHTS")
        try:
            rights.append(parse_entry(f"at 0s: {line}"))
        except ValueError as error:
            raise exercise.error(f"RIGHTS: {error}", "RIGHTS") from None
    if len(set(map(str, rights))) < len(rights):
        raise exercise.error("RIGHTS has a line twice", "RIGHTS")
    given = {name: exercise.mapping(name) for name in ("ORDERS", "PAYMENTS")}
    for name, fields in (("ORDERS", ("customer.email", "card")), ("PAYMENTS", ("customer.email",))):
        other = [field for field in given[name] if field not in fields]
        if other:
            raise exercise.error(f"{name} has {other[0]!r}, there is {' and '.join(fields)}", name, other[0])
    return Choice(tuple(rights), exercise.word("ON_MISSING_KEY", WITHOUT_KEY), given["ORDERS"], given["PAYMENTS"])


# -- a run -------------------------------------------------------------------------------------------------------------


def buyers(seed: int) -> list[int]:
    """Draw who buys: places in PEOPLE, each customer at least once."""
    chance = Stream(seed=seed, name="course/15_governance/buyers")
    return [0, 1, 2, *(chance.randrange(3) for _ in range(ORDERS_EACH - 3))]


def told(seed: int, chosen: Choice) -> Scenario:
    """Give the story of one seed: who buys, how fast, where the intern goes wrong; in every second one keys are to be had late."""
    chance = Stream(seed=seed, name="course/15_governance/runs")
    every_us = (40 + chance.randrange(100)) * MS_US
    bought = buyers(seed)
    wrong = OF_THE_SHOP[chance.randrange(2)]
    orders = tuple(
        _row(OF_THE_SHOP[number % 2], number=number, customer={"email": PEOPLE[who]}, card=CARDS[who])
        for number, who in enumerate(bought)
    )
    payments = tuple(
        _row("payments", number=number, customer={"email": PEOPLE[who]}) for number, who in enumerate(bought)
    )
    tries = (_row("orders-test", attempt=1), _row(wrong, attempt=2))
    late = (at(0).pause("key-service"), at(4_000_000).resume("key-service")) if seed % 2 else ()
    return Scenario(
        name=f"governed_{seed}",
        question=f"Run {seed}: is nothing disclosed, does every order meet its payment, and does only who may write?",
        cluster=ClusterConfig(
            topics=tuple(TopicConfig(name) for name in TOPICS),
            listeners=(Listener(), Listener("CLIENTS", SecurityProtocol.SASL_PLAINTEXT, 9094, mechanisms=("PLAIN",))),
            authentication=Authentication(users=USERS),
            authorizer=AuthorizerSettings(super_users=("User:ANONYMOUS",)),
        ),
        keys=KeyServiceConfig(tenants=("acme",), masks=("customers",)),
        secrets=tuple(
            Secret(f"{name}'s {what}", text)
            for what, texts in (("address", PEOPLE), ("card", CARDS))
            for name, text in zip(NAMES, texts, strict=True)
        ),
        applications=(
            _writer("shop", orders, every_us, _policy("orders-*", chosen.orders, chosen.on_missing_key)),
            _writer("till", payments, every_us, _policy("payments", chosen.payments, chosen.on_missing_key)),
            _writer("intern", tries, every_us, None),
        ),
        schedule=(*chosen.rights, *late),
    )


def _row(topic: str, **fields: Any) -> Record:
    return Record(topic, json.dumps(fields).encode())


def _writer(name: str, records: tuple[Record, ...], every_us: int, policy: Mapping[str, Any] | None) -> Application:
    return Application(
        name=name,
        producer={"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": name},
        # Rights that are granted at the beginning have come to every broker by then.
        starts_after_us=500 * MS_US,
        policy=policy,
        workload=Workload(records=records, phases=(Phase(every_us=every_us),)),
    )


def _policy(match: str, protect: Mapping[str, Any], on_missing_key: str) -> Mapping[str, Any]:
    topic: dict[str, Any] = {"match": match, "tenant": {"name": "acme"}}
    if protect:
        topic["protect"] = dict(protect)
    return {"version": 1, "on_missing_key": on_missing_key, "topics": [topic]}


# -- the verdict -------------------------------------------------------------------------------------------------------


def check(exercise: Exercise, tell: Tell, seeds: Sequence[int] = range(SEEDS)) -> Checked:
    """Run every story; stops at the first that breaks one of the five demands."""
    chosen = read_choice(exercise)
    try:
        for done, scenario, report in each_run(seeds, lambda seed: told(seed, chosen), tell):
            cause = _cause(chosen, report)
            if cause is not None:
                says = _says(report.trace[cause.event]) if cause.event >= 0 else "nothing happened"
                broken = Broken(scenario=scenario, report=report, event=cause.event, says=says)
                return Checked.refused(cause, f"Run {report.seed} broke it.", broken, runs=done)
    except ConfigError as error:
        raise exercise.error(str(error), "ORDERS") from None
    runs = len(seeds)
    return Checked(
        cause="",
        headline=f"Passed: {runs} of {runs} runs.",
        explained=(
            (
                f"In {runs} runs no address and no card lay on any disk, every order that was written met its customer's payments and nobody "
                "else's, and the intern wrote where she may and nowhere else."
            ),
            (
                "What carried it: a mask that is the same for the same, in both topics; an envelope for what few get back; no key, no record; "
                "and a right that names what it is about."
            ),
        ),
        runs=runs,
    )


def _cause(chosen: Choice, report: Report) -> Cause | None:
    """Find the first of the five demands that does not hold."""
    return (
        _turned_away(report)
        or _intruder(report)
        or _disclosed(report)
        or _joined(chosen, report)
        or _gone(chosen, report)
    )


def _turned_away(report: Report) -> Cause | None:
    """The shop, the till and the intern write what they may."""
    sent = {(event.client, event.record): event for event in report.trace if isinstance(event, RecordSent)}
    for number, event in enumerate(report.trace):
        if (
            isinstance(event, RecordGoverned)
            and event.verdict == "refused"
            and not event.error.startswith("key service")
        ):
            return Cause.of(
                "cannot be hidden",
                number,
                f"The policy of {event.client} refused record {event.record}: {event.error}.",
                "What cannot be hidden as it is asked for is not let through as it is. Choose a mask that takes every address and every card.",
            )
        if isinstance(event, RecordFailed):
            topic = sent[event.client, event.record].topic
            if event.client == "intern" and topic != "orders-test":
                continue
            return Cause.of(
                "shut out",
                number,
                f"At {report.trace.clock(event.at_us)} record {event.record} of {event.client} was refused at {topic}: it has no right to write there.",
                "Nobody may anything that no rule allows; and a rule that denies is heard before any that allows, also if it names everybody. "
                f"Which of your lines are about User:{event.client} and {topic}, and what do they say?",
            )
    return None


def _intruder(report: Report) -> Cause | None:
    for number, event in enumerate(report.trace):
        if isinstance(event, RecordAcknowledged) and event.client == "intern" and event.topic in OF_THE_SHOP:
            return Cause.of(
                "intruder",
                number,
                f"At {report.trace.clock(event.at_us)} the intern's program wrote to {event.topic}, offset {event.offset}, and was told that all is well.",
                f"A prefix is about every name that begins so, and {event.topic} begins as her grant does. She needs orders-test and nothing else.",
            )
    return None


def _disclosed(report: Report) -> Cause | None:
    findings = report.verdict("disclosed").findings
    if not findings:
        return None
    finding = findings[0]
    plain = next((n for n, one in enumerate(report.trace) if isinstance(one, RecordGoverned) and one.is_plain), -1)
    if plain >= 0:
        event = report.trace[plain]
        return Cause.of(
            "passed in plain text",
            plain,
            f"At {report.trace.clock(event.at_us)} the key service did not answer, and record {event.record} of {event.client} went out as it was. "
            f"On the disks: {finding.what}.",
            "Nobody got an error. To hide from then on takes nothing back of what was written; only who writes nothing without a key discloses nothing.",
        )
    sent = next(n for n, one in enumerate(report.trace) if isinstance(one, RecordSent) and one.client != "intern")
    return Cause.of(
        "never hidden",
        sent,
        f"The bytes on the disks were searched: {finding.what}.",
        "No rule of the policy hides that field. ORDERS needs customer.email and card, PAYMENTS needs customer.email.",
    )


def _joined(chosen: Choice, report: Report) -> Cause | None:
    """Equal texts for equal customers, and for nobody else."""
    bought = buyers(report.seed)
    seen: list[tuple[int, str, str, int]] = []
    for number, event in enumerate(report.trace):
        if isinstance(event, RecordRead) and event.topic in {*OF_THE_SHOP, "payments"} and event.value is not None:
            row = json.loads(event.value)
            if "number" in row:
                where = "order" if event.topic != "payments" else "payment"
                seen.append((bought[row["number"]], row["customer"]["email"], where, number))
    orders = [one for one in seen if one[2] == "order"]
    payments = [one for one in seen if one[2] == "payment"]
    by = {
        name: one.get("customer.email", {}).get("by")
        for name, one in (("orders", chosen.orders), ("payments", chosen.payments))
    }
    how = f"Orders hide the address by {by['orders']}, payments by {by['payments']}"
    for who, text, _, number in orders:
        for other, seen_there, _, _ in payments:
            if who == other and text != seen_there:
                return Cause.of(
                    "no join",
                    number,
                    f"An order of {NAMES[who]} says {text[:24]}, and the same customer's payment says {seen_there[:24]}. {how}.",
                    "To be joined, equal values must look equal: by a mask that is the same each time, and the same one in both topics, with one key "
                    "and one domain.",
                )
            if who != other and text == seen_there:
                return Cause.of(
                    "all alike",
                    number,
                    f"An order of {NAMES[who]} and a payment of {NAMES[other]} say the same: {text[:24]}. {how}.",
                    "Now every order meets every payment. What is the same for all tells nobody apart.",
                )
    return None


def _gone(chosen: Choice, report: Report) -> Cause | None:
    way = chosen.orders["card"].get("by")
    if way in OPENED_AGAIN:
        return None
    for number, event in enumerate(report.trace):
        if isinstance(event, RecordRead) and event.topic in OF_THE_SHOP and event.value is not None:
            card = json.loads(event.value).get("card")
            return Cause.of(
                "gone for good",
                number,
                f"{event.client} reads an order with the card {str(card)[:24]}. It was hidden by {way}, and accounting wants the number.",
                "That cannot be undone, whatever right somebody has. Which way of hiding has a way back for who has the key?",
            )
    return None


def _says(event: Any) -> str:
    match event:
        case RecordGoverned():
            return f"the policy of {event.client} lets record {event.record} {'pass in plain text' if event.is_plain else 'not pass'}"
        case RecordFailed():
            return f"{event.client} is told that record {event.record} is refused"
        case RecordAcknowledged():
            return f"{event.client} is told that record {event.record} is written"
        case RecordSent():
            return f"{event.client} sends record {event.record}"
        case _:
            return f"{event.client} reads {event.topic}-{event.partition}, offset {event.offset}"
