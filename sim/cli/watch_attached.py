"""`acklab watch --attach HOST:PORT`: the screen on a cluster that `acklab serve --control-port` serves, on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.serve.client import Control
    from sim.serve.state import ClusterView
    from sim.tui.attached import Heard, Standing

LOCAL = ("127.0.0.1", "localhost")
Attach = Annotated[
    str | None,
    typer.Option("--attach", metavar="127.0.0.1:PORT", help="Watch a cluster that is served: the control port of `acklab serve`. "
                 "Its events come as they happen, and faults strike by a key."),
]  # fmt: skip


def attach(where: str) -> int:
    """Open the screen on a served cluster. Raises CommandError for a place that is none, and where nobody answers."""
    from sim.cli.showing import show
    from sim.serve.client import Control, ControlError
    from sim.tui.screens.attached import AttachedScreen

    control = Control(f"http://{_checked(where)}")
    try:
        control.cluster()
    except ControlError as error:
        raise CommandError(f"--attach: {error}") from error
    return show(first=lambda: AttachedScreen(ServedCluster(control), is_first=True))


def _checked(where: str) -> str:
    """Give HOST:PORT of this machine. Raises CommandError."""
    host, colon, port = where.removeprefix("http://").rstrip("/").rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise CommandError(f"--attach {where}: expected the control port, as in --attach 127.0.0.1:9091")
    if host not in LOCAL:
        raise CommandError(f"--attach {where}: a control port listens on 127.0.0.1, and only from there it is asked")
    return f"127.0.0.1:{port}"


class ServedCluster:
    """A control port as the screen sees it (`sim.tui.attached.Served`)."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def name(self) -> str:
        return self._control.url.removeprefix("http://")

    def hear(self, first: int) -> Heard:
        from sim.serve.client import ControlError
        from sim.tui.attached import Heard, ServedEndedError

        try:
            stretch = self._control.events(first)
            if stretch.first > first:
                # What came between is gone: who comes late begins now.
                stretch = self._control.events(stretch.total)
            standing = _standing(self._control.cluster())
        except ControlError as error:
            raise ServedEndedError(str(error)) from error
        return Heard(stretch.begun_us, stretch.first, stretch.events, stretch.total, standing)

    def strike(self, fault: str) -> str:
        from sim.serve.attempt import Fate
        from sim.serve.client import ControlError, RefusedByServerError
        from sim.tui.attached import RefusedError, ServedEndedError

        try:
            attempt = self._control.strike(fault)
        except RefusedByServerError as error:
            raise RefusedError(str(error)) from error
        except ControlError as error:
            raise ServedEndedError(str(error)) from error
        if attempt.fate is Fate.REFUSED:
            raise RefusedError(f"{fault}: {attempt.reason}")
        return fault if attempt.fate is Fate.FIRED else f"{fault}: it waits for its moment"

    def heal(self) -> None:
        from sim.serve.client import ControlError
        from sim.tui.attached import ServedEndedError

        try:
            self._control.heal()
        except ControlError as error:
            raise ServedEndedError(str(error)) from error

    def verdicts(self) -> str:
        from sim.serve.client import ControlError
        from sim.tui.attached import ServedEndedError

        try:
            told = self._control.verdicts()
        except ControlError as error:
            raise ServedEndedError(str(error)) from error
        signs = {"holds": "✓", "violated": "✗"}
        counts = f"lost {told['lost_records']}, doubled {told['doubled_records']}"
        unread = f"; nobody leads {', '.join(told['unread'])}" if told["unread"] else ""
        state = told["state"]
        return f"{signs.get(state, '?')} {state}: {told['acknowledged_records']} records acknowledged, {counts}{unread}"


def _standing(view: ClusterView) -> Standing:
    from producer.records import TopicPartition
    from sim.tui.attached import Client, Standing
    from sim.tui.view_model import Life, Partition

    lives = {"up": Life.UP, "paused": Life.PAUSED}
    return Standing(
        at_us=view.at_us,
        lag_us=view.lag_us,
        brokers={one.id: lives.get(one.state, Life.DOWN) for one in view.brokers},
        partitions={
            TopicPartition(one.topic, one.partition): (
                Partition(one.leader, one.leader_epoch, tuple(one.isr), tuple(one.replicas)),
                one.high_watermark,
            )
            for one in view.partitions
        },
        clients=tuple(Client(one.address, one.connections) for one in view.clients),
    )
