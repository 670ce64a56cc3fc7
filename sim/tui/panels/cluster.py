"""The cluster: brokers side by side, and what each of them is to each partition; then what the controller says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.internal_topics import is_internal
from sim.judges.history import SCHEMAS
from sim.tui.lines import Line, Span, Tone, fitted, line, padded, width_of
from sim.tui.view_model import Life, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from producer.records import TopicPartition
    from sim.tui.view_model import Broker, Partition, Replica, State

CELL_MAX = 22
NAME_MIN = 8
"""Of a partition's name so many characters are left at least, its number among them."""
FOLDED_FROM = 5
"""An internal topic of so many partitions is one line: brokers make fifty of `__consumer_offsets` for one member of a group."""
NAMED_MAX = 3
"""So many are named that find no room; of more it is said how many they are."""
DIGITS = 3
"""Offsets have room for so many, so that columns do not jump while they grow."""


class _Form(NamedTuple):
    """How much is said of each broker."""

    life: bool
    """In words, not by its sign alone."""
    role: bool
    end: str
    """What stands before the log's end."""
    watermark: str
    """What stands before the high watermark."""
    stable: str = ""
    """What stands before the last stable offset, where that is another; empty where nobody writes in transactions."""
    is_dense: bool = False
    """Whether role and offsets share a line."""
    is_brief: bool = False
    """Whether the controller's word is short."""
    is_stable_aside: bool = False
    """Whether the leader's last stable offset stands in the place of those in sync: there are too many brokers."""


FORMS = (
    _Form(life=True, role=True, end="end ", watermark=" hw "),
    _Form(life=True, role=True, end="", watermark=" hw "),
    _Form(life=True, role=False, end="", watermark=" hw "),
    _Form(life=False, role=False, end="", watermark=" hw "),
    _Form(life=False, role=False, end="", watermark="/"),
)
"""From the roomiest to the one for many brokers: the first that fits is taken, so nothing is cut while there is room."""
_NARROW = _Form(life=False, role=False, end="", watermark="/", stable="/")
STABLE_FORMS = (
    _Form(life=True, role=True, end="end ", watermark=" hw ", stable=" LSO "),
    _Form(life=True, role=True, end="", watermark=" hw ", stable=" LSO "),
    _NARROW._replace(life=True, role=True),
    _NARROW._replace(life=True),
    _NARROW,
    _NARROW._replace(is_brief=True),
    _NARROW._replace(is_brief=True, is_stable_aside=True),
)
"""Where somebody writes in transactions."""
DENSE_FORMS = (
    _NARROW._replace(is_dense=True, life=True),
    _NARROW._replace(is_dense=True),
    _NARROW._replace(is_dense=True, is_brief=True),
)
"""There, and a line is all that each partition gets: who leads in which epoch is the controller's word."""
PLAIN_DENSE_FORMS = tuple(form._replace(stable="") for form in DENSE_FORMS[:2])
"""Where nobody writes in transactions: without room for these, roles alone are told."""

_LIVES = {
    Life.UP: Span("● up", Tone.GOOD),
    Life.PAUSED: Span("‖ paused", Tone.UNSURE),
    Life.STOPPING: Span("▼ stopping", Tone.UNSURE),
    Life.DOWN: Span("✗ down", Tone.BAD),
}


def cluster_lines(state: State, *, width: int, height: int) -> list[Line]:
    """Two lines for each partition, one where there is no room; the rest is counted."""
    folded = _folded(state)
    # What brokers and registries keep for themselves comes behind what the story is about.
    partitions = sorted(
        (where for where in state.partitions if where.topic not in folded),
        key=lambda where: (is_internal(where.topic), where.topic == SCHEMAS, where),
    )
    room = height - 1
    tall = 2 if 2 * len(partitions) + len(folded) <= room else 1
    columns = _columns(state, partitions, width, is_dense=tall == 1)
    lines = [_brief_heading(state, width) if columns is None else _heading(state, columns)]
    if not state.partitions:
        lines.append(line(Span("no topic yet: the cluster is starting", Tone.DIM)))
        return lines
    has_room = tall * len(partitions) + len(folded) <= room
    shown = partitions if has_room else partitions[: max(room - 1, 1)]
    for where in shown:
        if columns is None:
            lines.append(_brief_line(state, where, width))
        else:
            lines += _partition_lines(state, where, columns)[:tall]
    if has_room:
        return lines + [_whole_topic(state, topic, whole, width) for topic, whole in folded.items()]
    return [*lines, _rest(state, partitions[len(shown) :], folded, width)]


def cluster_fits(state: State, *, width: int) -> bool:
    """Whether every broker has its column in so many: else the leader's word has to do."""
    folded = _folded(state)
    partitions = [where for where in state.partitions if where.topic not in folded]
    return all(_columns(state, partitions, width, is_dense=is_dense) is not None for is_dense in (False, True))


def _folded(state: State) -> dict[str, list[TopicPartition]]:
    """Give the internal topics of many partitions, with these."""
    found: dict[str, list[TopicPartition]] = {}
    for where in sorted(state.partitions):
        if is_internal(where.topic):
            found.setdefault(where.topic, []).append(where)
    return {topic: whole for topic, whole in found.items() if len(whole) >= FOLDED_FROM}


def _whole_topic(state: State, topic: str, whole: Sequence[TopicPartition], width: int) -> Line:
    """Say of a whole topic what is not as it should be; what is undecided there is named as far as there is room."""
    partitions = [state.partitions[where] for where in whole]
    leaderless = sum(one.leader < 0 for one in partitions)
    behind = sum(len(one.isr) < len(one.replicas) for one in partitions)
    said = line(
        Span(topic),
        Span(f"  {len(whole)} partitions, ", Tone.DIM),
        Span(f"✗ {leaderless} without a leader", Tone.BAD) if leaderless else Span("all led", Tone.DIM),
        Span(f", {behind} not all in sync", Tone.UNSURE) if behind else Span(", all in sync", Tone.DIM),
    )
    return _with_undecided(state, fitted((said, line(Span(topic))), width), whole, width)


def _rest(
    state: State, hidden: Sequence[TopicPartition], folded: Mapping[str, Sequence[TopicPartition]], width: int
) -> Line:
    """Count what is not shown; where something there is undecided, it is named as far as there is room."""
    everything = [*hidden, *(where for whole in folded.values() for where in whole)]
    counted = line(Span(f"and {len(everything)} more partitions", Tone.DIM))
    names = [*map(str, hidden), *(f"{len(whole)} of {topic}" for topic, whole in folded.items())]
    named = line(Span(f"and {', '.join(names)}", Tone.DIM))
    said = fitted((named, counted), width) if folded and len(names) <= NAMED_MAX else counted
    return _with_undecided(state, said, everything, width)


def _with_undecided(state: State, said: Line, hidden: Sequence[TopicPartition], width: int) -> Line:
    """Add end, high watermark and last stable offset of those where something is undecided, as far as there is room."""
    for where in hidden:
        replica = state.replica(where, state.partitions[where].leader)
        if replica.is_undecided:
            words = f"  {where} {replica.log_end}/{replica.high_watermark}/{replica.last_stable_offset}"
            said = fitted(((*said, Span(words, Tone.UNSURE)), said), width)
    return said


def cluster_height(state: State) -> int:
    """How many lines it takes to show everything."""
    folded = _folded(state)
    apart = len(state.partitions) - sum(map(len, folded.values()))
    return 1 + max(2 * apart, 2) + len(folded)


class _Columns(NamedTuple):
    """What is said, and how wide it is."""

    form: _Form
    name: int
    cell: int


def _columns(state: State, partitions: Sequence[TopicPartition], width: int, *, is_dense: bool) -> _Columns | None:
    """Take the roomiest form in which everything fits; in the last one names are cut, in their middle; None if not even that fits."""
    if state.transactions or any(one.is_undecided for one in state.replicas.values()):
        # What brokers keep for themselves is known by less than its name.
        topics = [where for where in partitions if not is_internal(where.topic)]
        return _fitting(state, partitions, topics, width, DENSE_FORMS if is_dense else STABLE_FORMS)
    dense = _fitting(state, partitions, partitions, width, PLAIN_DENSE_FORMS) if is_dense else None
    return dense or _fitting(state, partitions, partitions, width, FORMS)


def _fitting(
    state: State,
    partitions: Sequence[TopicPartition],
    named: Sequence[TopicPartition],
    width: int,
    forms: Sequence[_Form],
) -> _Columns | None:
    """Take the first of these forms in which the names of `named` stand whole; else the last, if names that are cut fit into it."""
    name = max([len(f"{where.topic}-{where.partition}") for where in named] + [len("CLUSTER")]) + 1
    brokers = max(len(state.brokers), 1)
    for form in forms:
        cell = _cell_width(state, form)
        left = width - _controllers_width(state, form)
        if name + brokers * cell <= left:
            wanted = max([len(f"{where.topic}-{where.partition}") + 1 for where in partitions] + [name])
            name = min(max(name, left - brokers * cell), wanted)
            return _Columns(form, name, max(cell, min((left - name) // brokers, CELL_MAX)))
    # Where it is so narrow, columns may jump when offsets grow or a process ends.
    for last in (cell, _cell_width(state, form, is_tight=True)):
        if left - brokers * last >= min(name, NAME_MIN + 1):
            return _Columns(form, min(left - brokers * last, name), last)
    return None


def _cell_width(state: State, form: _Form, *, is_tight: bool = False) -> int:
    """Give what the widest of all that may stand in a broker's column takes, or of what does, and a space behind it."""
    lives = {} if is_tight else _LIVES
    said = [_broker(one._replace(life=life), form) for one in state.brokers.values() for life in lives or (one.life,)]
    for where, partition in state.partitions.items():
        for number, broker in state.brokers.items():
            replica, is_replica = state.replica(where, number), number in partition.replicas
            log = _log(replica, 0, form, is_replica=is_replica, digits=0 if is_tight else DIGITS)
            role = _role(replica, broker.life, form, is_replica=is_replica)
            said += [(*role, *log)] if form.is_dense else [role, log]
    return max(map(width_of, said), default=0) + 1


def _controllers_width(state: State, form: _Form) -> int:
    """Give what the controller's word takes of the partition of which it takes most."""
    return max([_controller_width(one, form) for one in state.partitions.values()], default=len("controller"))


def _controller_width(partition: Partition, form: _Form) -> int:
    """Give what the controller's word on a partition takes, and would if all were in sync: so little jumps when some are not."""
    whole = partition._replace(isr=partition.replicas, eligible=())
    said = [_leader(partition, form), _in_sync(partition, form), _in_sync(whole, form)]
    return max(*[width_of(one) for one in said[: 1 if form.is_dense else None]], len("controller"))


def _heading(state: State, columns: _Columns) -> Line:
    parts = [Span("CLUSTER".ljust(columns.name), Tone.HEADING)]
    for broker in sorted(state.brokers):
        parts += padded(_broker(state.brokers[broker], columns.form), columns.cell)
    parts.append(Span("controller", Tone.HEADING))
    return tuple(parts)


def _brief_heading(state: State, width: int) -> Line:
    """Name the brokers with their signs, where there is no room for a column each."""
    brokers = [span for one in sorted(state.brokers) for span in (*_broker(state.brokers[one], _NARROW), Span(" "))]
    label = Span("CLUSTER ", Tone.HEADING)
    return fitted(((label, *brokers), (label,)), width)


def _brief_line(state: State, where: TopicPartition, width: int) -> Line:
    """Tell of a partition what its leader says: epoch, log end and high watermark, who is in sync; what does not fit is left out whole."""
    partition = state.partitions[where]
    replica = state.replica(where, partition.leader)
    brief = FORMS[-1]._replace(is_brief=True)
    offsets = Span(f" {replica.log_end}/{replica.high_watermark}")
    if replica.is_undecided:
        offsets = Span(f"{offsets.text}/{replica.last_stable_offset}", Tone.UNSURE)
    leader, in_sync = _leader(partition, brief), _in_sync(partition, brief)
    forms = (
        (*leader, offsets, Span(" "), *in_sync),
        (*leader, offsets),
        (offsets._replace(text=offsets.text[1:]),),
        (),
    )
    said = fitted(forms, width - NAME_MIN - 1)
    return (Span(_name(where, max(width - width_of(said) - 1, 1)) + " "), *said)


def _broker(broker: Broker, form: _Form) -> Line:
    life = _LIVES[broker.life]
    if broker.is_fenced and broker.life is not Life.DOWN:
        life = Span(f"{life.text[0]} fenced", Tone.UNSURE)
    return line(Span(f"b{broker.broker} ", Tone.HEADING), life if form.life else Span(life.text[0], life.tone))


def _name(where: TopicPartition, width: int) -> str:
    """Write a partition into that many characters; its number always stands."""
    name, number = f"{where.topic}-{where.partition}", f"-{where.partition}"
    return name if len(name) <= width else f"{where.topic[: max(width - len(number) - 1, 0)]}…{number}"


def _partition_lines(state: State, where: TopicPartition, columns: _Columns) -> list[Line]:
    partition, brokers = state.partitions[where], sorted(state.brokers)
    first: list[Span] = [Span(_name(where, columns.name - 1).ljust(columns.name))]
    second: list[Span] = [Span(" " * columns.name)]
    committed = max((state.replica(where, broker).high_watermark for broker in brokers), default=0)
    for broker in brokers:
        replica = state.replica(where, broker)
        is_replica = broker in partition.replicas
        role = _role(replica, state.brokers[broker].life, columns.form, is_replica=is_replica)
        log = _log(replica, committed, columns.form, is_replica=is_replica)
        first += padded((*role, *log) if columns.form.is_dense else role, columns.cell)
        second += padded(log, columns.cell)
    leading = state.replica(where, partition.leader)
    aside = _in_sync(partition, columns.form)
    if columns.form.is_stable_aside and leading.is_undecided:
        aside = line(Span(f"LSO {leading.last_stable_offset}", Tone.UNSURE))
    return [(*first, *_leader(partition, columns.form)), (*second, *aside)]


def _role(replica: Replica, life: Life, form: _Form, *, is_replica: bool) -> Line:
    epoch = "" if form.is_dense else f"e{replica.leader_epoch}"
    match replica.role:
        case Role.LEADER:
            return line(Span(f"▲ {'leads ' if form.role else ''}{epoch}", Tone.LEADER))
        case Role.FOLLOWER:
            return line(Span(f"◇ {'follows ' if form.role else ''}{epoch}", Tone.FOLLOWER))
        case Role.OFFLINE:
            return line(Span("✗ offline" if form.role else "✗ " if form.is_dense else "✗", Tone.BAD))
        case Role.NONE:
            if not is_replica or not form.role:
                return line(Span("· " if form.is_dense else "·", Tone.DIM))
            return line(Span("· no process" if life is Life.DOWN else "· no role yet", Tone.DIM))


def _log(replica: Replica, committed: int, form: _Form, *, is_replica: bool, digits: int = 0) -> Line:
    if not is_replica and not replica.log_end:
        return line(Span("", Tone.DIM))
    # What lies above every high watermark may still be lost: it stands out.
    tone = Tone.UNSURE if replica.log_end > committed else Tone.PLAIN
    end, watermark, stable = (
        f"{offset:>{digits}}" for offset in (replica.log_end, replica.high_watermark, replica.last_stable_offset)
    )
    said = line(Span(f"{form.end}{end}", tone), Span(f"{form.watermark}{watermark}", Tone.DIM))
    # A transaction is open, and who reads what is committed waits.
    is_told = form.stable and not form.is_stable_aside and (replica.is_undecided or digits)
    return (*said, Span(f"{form.stable}{stable}", Tone.UNSURE)) if is_told else said


def _leader(partition: Partition, form: _Form) -> Line:
    if partition.leader < 0:
        return line(Span("✗ no leader" if partition.replicas else "· not elected yet", Tone.BAD))
    epoch = f" e{partition.leader_epoch}" if form.is_brief else f", epoch {partition.leader_epoch}"
    return line(Span(f"▲ b{partition.leader}{epoch}", Tone.LEADER))


def _in_sync(partition: Partition, form: _Form) -> Line:
    if not partition.replicas:
        return ()
    in_sync = ",".join(str(broker) for broker in sorted(partition.isr)) or "none"
    tone = Tone.BAD if len(partition.isr) < partition.min_insync_replicas else Tone.PLAIN
    parts = [
        Span(f"{'' if form.is_brief else 'ISR '}{in_sync}", tone),
        Span(f" min {partition.min_insync_replicas}", Tone.DIM),
    ]
    if partition.eligible:
        parts.append(Span(f" ELR {','.join(map(str, sorted(partition.eligible)))}", Tone.UNSURE))
    return tuple(parts)
