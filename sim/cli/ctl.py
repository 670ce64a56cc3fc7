"""`acklab ctl`: a served cluster is struck, looked at and ended from another terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson

if TYPE_CHECKING:
    from sim.serve.state import ClusterView

__all__ = ["app"]

app = typer.Typer(
    name="ctl",
    help="Strike, look at or end a cluster that `acklab serve` serves.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
CONTROL = "http://127.0.0.1:9091"

Url = Annotated[
    str, typer.Option("--at", envvar="ACKLAB_CONTROL", metavar="URL", help="The control port, as the server names it.")
]
FaultText = Annotated[
    str,
    typer.Argument(
        metavar="FAULT", help="As 'crash b1', at once, or 'at 2s: crash b1', 'after BatchAppended#3: pause b1'."
    ),
]


@app.command()
@ends
def strike(fault: FaultText, at: Url = CONTROL, as_json: AsJson = False) -> int:
    """Let a fault strike, now or when its moment comes. Exits with 3 if it was refused."""
    from sim.serve.attempt import Fate
    from sim.serve.client import Control, ControlError

    try:
        attempt = Control(at).strike(fault)
    except ControlError as error:
        raise CommandError(str(error)) from error
    if as_json:
        print(json.dumps(attempt.as_json()))
    else:
        print(
            f"{attempt.number}  {attempt.fate.value:8} {attempt.entry}{f': {attempt.reason}' if attempt.reason else ''}"
        )
    return Exit.INCONCLUSIVE if attempt.fate is Fate.REFUSED else Exit.HOLDS


@app.command()
@ends
def faults(at: Url = CONTROL, as_json: AsJson = False) -> None:
    """List the faults that were asked for, and what became of each."""
    from sim.serve.client import Control, ControlError

    try:
        found = Control(at).faults()
    except ControlError as error:
        raise CommandError(str(error)) from error
    if as_json:
        print(json.dumps({"faults": [one.as_json() for one in found]}))
        return
    for one in found:
        print(f"{one.number}  {one.fate.value:8} {one.entry}{f': {one.reason}' if one.reason else ''}")


@app.command()
@ends
def cluster(at: Url = CONTROL, as_json: AsJson = False) -> None:
    """Show brokers, partitions and clients as they are now."""
    from sim.serve.client import Control, ControlError

    try:
        _tell_cluster(Control(at).cluster(), as_json=as_json)
    except ControlError as error:
        raise CommandError(str(error)) from error


@app.command()
@ends
def heal(at: Url = CONTROL, as_json: AsJson = False) -> None:
    """End every fault that has struck: brokers up, links open, disks whole. Shows the cluster right then."""
    from sim.serve.client import Control, ControlError

    try:
        _tell_cluster(Control(at).heal(), as_json=as_json)
    except ControlError as error:
        raise CommandError(str(error)) from error


@app.command()
@ends
def verdicts(at: Url = CONTROL) -> int:
    """Say what became of what was acknowledged, as JSON. Exits as `acklab serve` would."""
    from sim.serve.client import Control, ControlError

    try:
        return _told(Control(at).verdicts())
    except ControlError as error:
        raise CommandError(str(error)) from error


@app.command()
@ends
def shutdown(at: Url = CONTROL) -> int:
    """End the server, and say what became of what was acknowledged, as JSON."""
    from sim.serve.client import Control, ControlError

    try:
        return _told(Control(at).shut_down())
    except ControlError as error:
        raise CommandError(str(error)) from error


def _tell_cluster(view: ClusterView, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(view.as_json()))
        return
    for broker in view.brokers:
        serving = "" if broker.is_serving else ", serves nobody"
        print(f"b{broker.id}  {broker.host}:{broker.port}  {broker.state}{serving}")
    for one in view.partitions:
        leader = f"b{one.leader}" if one.leader >= 0 else "nobody"
        isr = ",".join(f"b{replica}" for replica in one.isr)
        print(
            f"{one.topic}-{one.partition}  leader {leader}, epoch {one.leader_epoch}, isr {isr}, {one.high_watermark} committed"
        )
    for client in view.clients:
        print(f"{client.address}  {client.connections} connections")


def _told(judgement: dict[str, object]) -> int:
    print(json.dumps(judgement))
    return {"holds": Exit.HOLDS, "violated": Exit.VIOLATED}.get(str(judgement["state"]), Exit.INCONCLUSIVE)
