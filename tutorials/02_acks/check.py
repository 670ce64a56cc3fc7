"""The check of lesson 2: 200 bad nights, and a configuration that must lose no confirmed order and turn none away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from producer import Code, error_code
from sim import (
    CODE_NOT_SENT,
    SECOND_US,
    Broken,
    BrokerCrashed,
    Cause,
    Checked,
    ClusterConfig,
    Configuration,
    Exercise,
    ExerciseError,
    Finding,
    LeaderElected,
    PartitionAt,
    Phase,
    PhaseBegan,
    ProduceAnswered,
    RecordAcknowledged,
    RecordFailed,
    Report,
    Scenario,
    Schedule,
    Stream,
    Tell,
    TopicConfig,
    Workload,
    at,
    each_run,
    first_event,
    partition_at,
    read_configuration,
    run,
)

SEEDS = 200
BROKERS = (1, 2, 3)
ORDERS = 24
EVERY_US = 2 * SECOND_US
NIGHT_US = 90 * SECOND_US
"""How long a night lasts; who has no answer by then was turned away."""
PARTITION = "orders-0"
ANSWER = "acknowledgement"
"""The moment at which an order was confirmed, in what the judge finds."""
MS_US = 1_000


# -- a bad night -------------------------------------------------------------------------------------------------------


def bad_night(seed: int) -> Schedule:
    """Draw what goes wrong. One machine dies and stays away: its process alone, or with what was not yet flushed, or
    with its whole disk. Each of the other two may stand still for some seconds, before that or after, even both at once.
    """
    chance = Stream(seed=seed, name="course/02_acks/nights")
    dies = (1, 1, 1, 2, 3)[chance.randrange(5)]
    dies_ms = 8_000 + chance.randrange(24_000)
    disks = ("kept", "unflushed lost", "wiped")
    timed = [(dies_ms, at(dies_ms * MS_US).crash(f"b{dies}", disk=disks[chance.randrange(3)]))]  # type: ignore[arg-type]
    for broker in BROKERS:
        if broker == dies:
            continue
        kind = chance.randrange(4)
        if kind == 0:
            continue
        begins_ms = dies_ms + chance.randrange(6_000) if kind == 3 else dies_ms - 2_000 - chance.randrange(16_000)
        begins_ms = max(begins_ms, 500)
        ends_ms = max(begins_ms, dies_ms) + 1_000 + chance.randrange(24_000)
        timed += [
            (begins_ms, at(begins_ms * MS_US).pause(f"b{broker}")),
            (ends_ms, at(ends_ms * MS_US).resume(f"b{broker}")),
        ]
    return tuple(entry for _, entry in sorted(timed, key=lambda pair: pair[0]))


def night(seed: int, chosen: Configuration) -> Scenario:
    """Give the scenario of one seed under the learner's configuration."""
    topic = TopicConfig(
        "orders", replication_factor=chosen.replication_factor, min_insync_replicas=chosen.min_insync_replicas
    )
    return Scenario(
        name=f"night_{seed}",
        question=f"Bad night {seed}: is every confirmed order still there, and was none turned away?",
        cluster=ClusterConfig(topics=(topic,), unclean_leader_election=chosen.unclean),
        producer=chosen.producer,
        workload=Workload(records=ORDERS, phases=(Phase(every_us=EVERY_US),)),
        schedule=bad_night(seed),
        duration_us_max=NIGHT_US,
        revives_after_us=NIGHT_US,
    )


# -- the verdict -------------------------------------------------------------------------------------------------------


def check(exercise: Exercise, tell: Tell, seeds: Sequence[int] = range(SEEDS)) -> Checked:
    """Run every night. Stops at the first that loses an order; one that is turned away is told of if none is lost."""
    chosen = read_configuration(exercise, brokers=len(BROKERS))
    turned_away: Checked | None = None
    repeated = 0
    for done, scenario, report in each_run(seeds, lambda seed: night(seed, chosen), tell):
        if report.verdict("lost").findings:
            return _lost(chosen, scenario, report, runs=done)
        if turned_away is None and _unanswered(report):
            turned_away = _turned_away(chosen, scenario, report, runs=len(seeds))
        repeated += bool(report.verdict("duplicated").findings)
    return turned_away or _passed(len(seeds), repeated)


def _passed(runs: int, repeated: int) -> Checked:
    explained = [
        (
            f"Held in {runs} nights. In each one a machine died, in about two of three with what it had not flushed or with its "
            "whole disk. Every order that was confirmed is still there, and none was turned away."
        ),
        (
            "What carried it: a confirmed order lies on at least two machines (acks=all with min.insync.replicas=2), nobody is "
            "elected who might lack it, one broker of three may be away, and the producer waits longer than an election takes."
        ),
    ]
    if repeated:
        explained.append(
            f"One thing that was not asked: in {repeated} of the nights an order was written twice. Nothing was lost, "
            "but a retry was taken for a new order. enable.idempotence=true, the default, ends that."
        )
    return Checked(cause="", headline=f"Passed: {runs} of {runs} nights.", explained=tuple(explained), runs=runs)


def _unanswered(report: Report) -> int:
    """Count the orders that were not acknowledged before the night was over."""
    events = report.trace.events
    begun_us = next(event.at_us for event in events if isinstance(event, PhaseBegan))
    taken = sum(1 for event in events if isinstance(event, RecordAcknowledged) and event.at_us <= begun_us + NIGHT_US)
    return ORDERS - taken


# -- why an order was lost ---------------------------------------------------------------------------------------------


def _lost(chosen: Configuration, scenario: Scenario, report: Report, *, runs: int) -> Checked:
    events = report.trace.events
    findings = report.verdict("lost").findings
    unclean = next((n for n, event in enumerate(events) if isinstance(event, LeaderElected) and event.is_unclean), -1)
    alone = next((one for one in findings if len(_at_answer(report, one).isr) == 1), None)
    shown = findings[0]
    if chosen.replication_factor == 1:
        cause = _alone(chosen, report, shown)
    elif chosen.acks != "all":
        cause = _one_answer(chosen, report, shown)
    elif chosen.unclean and unclean >= 0 and not _loses(chosen._replace(unclean=False), report.seed):
        cause = _unclean(report, shown, unclean)
    elif chosen.least_in_sync == 1 and (alone is not None or unclean >= 0):
        shown = alone or shown
        cause = _alone(chosen, report, shown)
    else:
        cause = Cause.of("lost", shown.event_of(ANSWER), "An acknowledged order is gone.")
    headline = (
        f"Night {report.seed} broke it: {len(findings)} of {report.counts.acknowledged} confirmed orders are gone."
    )
    says = _says(events[cause.event])
    broken = Broken(scenario=scenario, report=report, event=cause.event, says=says, finding=shown)
    return Checked.refused(cause, headline, broken, runs=runs)


def _loses(chosen: Configuration, seed: int) -> bool:
    """Whether the same night loses an order under another configuration."""
    return bool(run(night(seed, chosen), seed).verdict("lost").findings)


def _one_answer(chosen: Configuration, report: Report, finding: Finding) -> Cause:
    number = finding.event_of(ANSWER)
    answer = report.trace[number]
    if chosen.acks == "0":
        return Cause.of(
            "acks=0",
            number,
            f"acks=0: order {answer.record} counted as written as soon as its bytes were handed to the network. "
            "No broker said that it has it, and none has.",
            "Ask for an answer. And ask yourself whose: the leader's alone, or that of every replica in sync?",
        )
    append = report.trace[finding.event_of("append")]
    then = _at_answer(report, finding)
    watermark = then.replicas[append.broker].high_watermark
    return Cause.of(
        "acks=1",
        number,
        f"acks=1: b{append.broker} confirmed order {answer.record} at {report.trace.clock(answer.at_us)}, as soon as it lay in its own "
        f"log at offset {answer.offset}. Its high watermark stood at {watermark}: of no order from there on did it "
        f"know that every replica in sync has it. {_fate(report, then, append.broker)}",
        "Let the leader answer later: when every replica in sync has the order.",
    )


def _fate(report: Report, then: PartitionAt, broker: int) -> str:
    death = first_event(report.trace.events, BrokerCrashed)
    if report.trace[death].broker == broker and death > then.event:
        return f"{_death(report)}, and whoever led next never had the order."
    if then.leader != broker:
        return (
            f"But b{broker} had stood still, and was leader no longer without knowing it. Then it learned who leads, "
            "and cut its log to match."
        )
    return f"Later b{broker} stood still, another was elected, and b{broker} had to cut its log to match."


def _alone(chosen: Configuration, report: Report, finding: Finding) -> Cause:
    number = finding.event_of(ANSWER)
    answer, then = report.trace[number], _at_answer(report, finding)
    if chosen.replication_factor == 1:
        return Cause.of(
            "one copy",
            number,
            f"replication.factor=1: there was one copy of order {answer.record}, on b{then.leader}. {_death(report)}, and the order "
            "with it. No value of acks or min.insync.replicas makes two copies out of one.",
        )
    in_sync = ", ".join(f"b{broker}" for broker in sorted(then.isr))
    if len(then.isr) == 1:
        first = (
            f"min.insync.replicas=1: when order {answer.record} was confirmed, at {report.trace.clock(answer.at_us)}, only {in_sync} was in "
            "sync. The others stood still and had left the ISR, so acks=all, which waits for all in-sync replicas, waited for "
            f"one. {_death(report)}."
        )
    else:
        first = (
            f"min.insync.replicas=1: order {answer.record} was on {in_sync} when it was confirmed. Later the ISR shrank until one "
            f"broker was left, and a shrunken ISR of one was enough to go on. {_death(report)}. Replaced after that night, it came back "
            "without the order, was made leader as the last one known, and the others cut their logs to match."
        )
    return Cause.of(
        "alone in sync",
        number,
        first,
        "acks=all says whom to wait for. Another property, of the topic, says how few may be left before the leader must refuse.",
    )


def _unclean(report: Report, finding: Finding, number: int) -> Cause:
    election, answer = report.trace[number], report.trace[finding.event_of(ANSWER)]
    in_sync = " and ".join(f"b{broker}" for broker in sorted(_at_answer(report, finding).isr))
    return Cause.of(
        "unclean election",
        number,
        f"unclean.leader.election.enable: order {answer.record} was confirmed at {report.trace.clock(answer.at_us)} and lay on {in_sync}. "
        f"At {report.trace.clock(election.at_us)} none of those could lead, so b{election.leader} was elected, which was not in sync and never "
        "had the order. When the others came back they cut their logs to match the new leader's.",
        "The same night without unclean elections loses nothing. The partition then has no leader until one is back that has "
        "the order: a wait, and a wait is all it costs.",
    )


def _at_answer(report: Report, finding: Finding) -> PartitionAt:
    return partition_at(report.trace, PARTITION, finding.event_of(ANSWER))


def _death(report: Report) -> str:
    death = report.trace[first_event(report.trace.events, BrokerCrashed)]
    what = {"kept": "died", "wiped": "died with its disk"}.get(death.disk, "died with all it had not flushed")
    return f"At {report.trace.clock(death.at_us)} b{death.broker} {what}"


# -- why an order was turned away --------------------------------------------------------------------------------------


def _turned_away(chosen: Configuration, scenario: Scenario, report: Report, *, runs: int) -> Checked:
    events = report.trace.events
    answers = ((n, event) for n, event in enumerate(events) if isinstance(event, ProduceAnswered))
    refused = next((n for n, event in answers if event.code == Code.NOT_ENOUGH_REPLICAS), -1)
    failed = next((n for n, event in enumerate(events) if isinstance(event, RecordFailed)), -1)
    has_spare = chosen.least_in_sync < chosen.replication_factor
    if not has_spare:
        cause = _no_spare(chosen, report, refused)
    elif failed >= 0:
        cause = _gave_up(chosen, report, failed)
    else:
        cause = Cause.of("no answer", refused, "Some orders had no answer when the night was over.")
    headline = (
        f"Nothing was lost, but orders were turned away: in night {report.seed}, "
        f"{_unanswered(report)} of {ORDERS} were not taken."
    )
    says = _says(events[cause.event]) if cause.event >= 0 else "no answer came"
    broken = Broken(scenario=scenario, report=report, event=cause.event, says=says)
    return Checked.refused(cause, headline, broken, runs=runs)


def _no_spare(chosen: Configuration, report: Report, refused: int) -> Cause:
    least, copies = chosen.least_in_sync, chosen.replication_factor
    if copies == 1:
        first = (
            "replication.factor=1: the only copy was on one broker. While that one was away, nobody could take an order, "
            "and what it held could be gone with its disk."
        )
    else:
        first = (
            f"min.insync.replicas={least} of {copies} replicas: all of them must be in sync, so one of them away closes the shop. "
            "While fewer were in sync, orders were answered NOT_ENOUGH_REPLICAS and tried again, to no avail. "
            f"{_death(report)}, and was not replaced that night."
        )
    return Cause.of(
        "no spare",
        refused,
        first,
        "Never losing by never taking is no shop. Leave a spare: one broker may be away, and what is left is still enough.",
    )


def _gave_up(chosen: Configuration, report: Report, failed: int) -> Cause:
    event = report.trace[failed]
    if event.code == CODE_NOT_SENT:
        said = (
            f"At {report.trace.clock(event.at_us)} send itself gave up on order {event.record}, before any broker was asked: it waits "
            "no longer than max.block.ms for metadata, or for room in buffer.memory."
        )
        return Cause.of("gave up", failed, said, "Kafka's defaults, a minute and 32 MiB, are enough here.")
    why = error_code(event.code).name
    if chosen.retries < 10:
        limit = f"retries={chosen.retries} allows {chosen.retries + 1} attempt{'s' if chosen.retries else ''}"
        advice = "Leave retries at its default and let delivery.timeout.ms decide when to give up."
    else:
        limit = f"delivery.timeout.ms={chosen.delivery_timeout_ms}"
        advice = "Kafka's default is two minutes. What in your configuration is shorter than that, and need it be?"
    return Cause.of(
        "gave up",
        failed,
        f"The producer gave up too soon: at {report.trace.clock(event.at_us)} it told the application that order {event.record} failed ({why}): "
        f"{limit}. But nobody counts as gone before nine seconds of silence. For so long a dead leader keeps its office, and for so "
        "long acks=all waits for a replica that stands still.",
        advice,
    )


def _says(event: Any) -> str:
    match event:
        case RecordAcknowledged():
            return f"order {event.record} is confirmed, and will be lost"
        case LeaderElected():
            return f"b{event.leader} is elected, although it was not in sync"
        case ProduceAnswered():
            return f"b{event.broker} answers NOT_ENOUGH_REPLICAS for the first time"
        case RecordFailed():
            return f"order {event.record} is given up"
        case _:
            return type(event).__name__


__all__ = ["ExerciseError", "check"]
