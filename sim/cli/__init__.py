"""The command `acklab`: one command a file; what a command needs is loaded when it runs."""

from __future__ import annotations

import sys

import typer

from sim.cli.acl import app as acl
from sim.cli.audit import app as audit
from sim.cli.consume import consume
from sim.cli.ctl import app as ctl
from sim.cli.doctor import DoctorCommand, doctor
from sim.cli.events import events
from sim.cli.explore import explore
from sim.cli.faults import faults
from sim.cli.gateway import gateway
from sim.cli.gauntlet import gauntlet
from sim.cli.glossary import glossary
from sim.cli.home import show_home
from sim.cli.keys import app as keys
from sim.cli.learn import app as learn
from sim.cli.lineage import app as lineage
from sim.cli.lint import app as lint
from sim.cli.listing import list_scenarios
from sim.cli.new import new
from sim.cli.policy import app as policy
from sim.cli.produce import produce
from sim.cli.quota import app as quota
from sim.cli.registry import registry
from sim.cli.replay import replay
from sim.cli.run import run
from sim.cli.schema import app as schema
from sim.cli.serve import serve
from sim.cli.shrink import shrink
from sim.cli.watch import is_terminal, open_home, watch
from sim.cli.web import PORT_FIRST, Web, WebPort

__all__ = ["app", "main"]

app = typer.Typer(
    name="acklab",
    help="What a Kafka producer really promises, and when the promise breaks: found out by experiment.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 every promise held, 1 one broke, 2 usage, 3 inconclusive, 4 invalid scenario, 70 a bug of ours, "
    "130 interrupted.",
)


@app.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    plain: bool = typer.Option(
        False, "--plain", help="Print what the first screen shows as text: course, witnesses, stories."
    ),
    as_json: bool = typer.Option(
        False, "--json", help="Print that as one JSON object, with a format that names its version."
    ),
    web: Web = False,
    web_port: WebPort = PORT_FIRST,
) -> None:
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            print(f"acklab {version_of('acklab')}")
        except PackageNotFoundError:
            print("acklab (not installed: running from its source)")
        raise typer.Exit
    asked = [option for option, is_asked in (("--plain", plain), ("--json", as_json), ("--web", web)) if is_asked]
    if asked and context.invoked_subcommand is not None:
        raise typer.BadParameter(
            f"it is of the first screen: acklab {context.invoked_subcommand} has options of its own",
            param_hint=asked[0],
        )
    if asked:
        show_home(asked, web_port)
    if context.invoked_subcommand is None:
        if is_terminal():
            raise typer.Exit(open_home())
        print(context.get_help())


app.command("list")(list_scenarios)
app.command("new")(new)
app.command("run")(run)
app.command("replay")(replay)
app.command("shrink")(shrink)
app.command("watch")(watch)
app.command("explore")(explore)
app.command("faults")(faults)
app.command("events")(events)
app.add_typer(learn, name="learn")
app.command("glossary")(glossary)
app.command("serve")(serve)
app.command("registry")(registry)
app.command("gateway")(gateway)
app.command("gauntlet")(gauntlet)
app.add_typer(ctl, name="ctl")
app.add_typer(schema, name="schema")
app.add_typer(lint, name="lint")
app.add_typer(lineage, name="lineage")
app.add_typer(audit, name="audit")
app.add_typer(policy, name="policy")
app.add_typer(keys, name="keys")
app.add_typer(acl, name="acl")
app.add_typer(quota, name="quota")
app.command("produce")(produce)
app.command("consume")(consume)
app.command("doctor", cls=DoctorCommand)(doctor)


def main() -> None:
    """Run the command line; ends in SystemExit with a status of `sim.cli.endings.Exit`."""
    try:
        app(prog_name="acklab")
    except KeyboardInterrupt:
        print("acklab: interrupted", file=sys.stderr)
        raise SystemExit(130) from None
