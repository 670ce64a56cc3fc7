"""`acklab acl`: who may do what at any Kafka cluster, listed, changed, and compared with a file of rules and roles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.admin_at import Properties, Timeout, at_cluster
from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.options import AsJson
from sim.cli.produce import Bootstrap

if TYPE_CHECKING:
    from sim.cluster.security.acls.acl import Acl

__all__ = ["app"]

app = typer.Typer(
    name="acl",
    help="Who may do what at a cluster: `allow User:shop WRITE topic orders-*`, `deny …`, or a role, as `writer User:shop orders-*`.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Rules = Annotated[
    list[str],
    typer.Argument(
        metavar="RULE…",
        help="As 'allow User:shop WRITE topic orders-*', 'deny User:* READ topic secrets', 'reader User:app orders-* group app'.",
    ),
]
RulesFile = Annotated[Path, typer.Argument(metavar="FILE", help="A rule or a role a line; # begins a remark.")]
FileOfRules = Annotated[Path | None, typer.Option("-f", "--file", help="Take the rules of a file, too.")]
Principal = Annotated[str | None, typer.Option("--principal", metavar="User:NAME", help="Only rules for this one.")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only rules that hold for this topic.")]


@app.command("list")
@ends
def list_acls(
    bootstrap: Bootstrap,
    principal: Principal = None,
    topic: Topic = None,
    properties: Properties = [],  # noqa: B006 - Typer reads it, nobody changes it
    timeout: Timeout = 30,
    as_json: AsJson = False,
) -> None:
    """List the rules that hold, one a line, as `create` and `diff` read them."""
    from sim.cluster.security.acls.acl import AclFilter
    from sim.cluster.security.acls.admin import held
    from sim.cluster.security.acls.kinds import Pattern, ResourceKind
    from sim.cluster.security.roles import rights_text

    wanted = AclFilter(principal=principal)
    if topic is not None:
        wanted = wanted._replace(kind=ResourceKind.TOPIC, name=topic, pattern=Pattern.MATCH)
    acls = sorted(at_cluster(bootstrap, properties, timeout, lambda ask: held(ask, wanted)))
    if as_json:
        print(json.dumps({"format": "acklab-acls-1", "acls": [_as_json(acl) for acl in acls]}))
        return
    for acl in acls:
        print(rights_text(acl))


@app.command()
@ends
def create(
    bootstrap: Bootstrap,
    rules: Rules = [],  # noqa: B006 - Typer reads it, nobody changes it
    file: FileOfRules = None,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
) -> int:
    """Let rules hold; one that holds already is no error. Exits with 1 if one was refused."""
    from sim.cluster.security.acls.admin import created
    from sim.cluster.security.roles import rights_text

    acls = _rules(rules, file)
    refused = at_cluster(bootstrap, properties, timeout, lambda ask: created(ask, acls))
    for acl, why in refused.items():
        complain(f"{rights_text(acl)}: {why}")
    print(f"{len(acls) - len(refused)} of {len(acls)} rules hold")
    return Exit.VIOLATED if refused else Exit.HOLDS


@app.command()
@ends
def delete(
    bootstrap: Bootstrap,
    rules: Rules = [],  # noqa: B006
    file: FileOfRules = None,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
) -> int:
    """Let rules hold no longer, exactly these. Exits with 1 if one was not there."""
    from sim.cluster.security.acls.admin import deleted
    from sim.cluster.security.roles import rights_text

    acls = _rules(rules, file)
    gone = at_cluster(bootstrap, properties, timeout, lambda ask: deleted(ask, acls))
    for acl in acls:
        if acl not in gone:
            complain(f"there is no such rule: {rights_text(acl)}")
    print(f"{len(gone)} of {len(acls)} rules are gone")
    return Exit.HOLDS if len(gone) == len(acls) else Exit.VIOLATED


@app.command()
@ends
def diff(
    bootstrap: Bootstrap,
    file: RulesFile,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
    as_json: AsJson = False,
) -> int:
    """Compare a file with the rules that hold: + is wanted and missing, - is there and was not asked for. Exits with 1 if they differ.

    Of principals that the file does not name nothing is said.
    """
    from sim.cluster.security.acls.acl import EVERY
    from sim.cluster.security.acls.admin import held
    from sim.cluster.security.roles import difference, rights_text

    wanted = _rules([], file)
    found = difference(wanted, at_cluster(bootstrap, properties, timeout, lambda ask: held(ask, EVERY)))
    if as_json:
        missing, unasked = ([_as_json(acl) for acl in acls] for acls in (found.missing, found.unasked))
        print(json.dumps({"format": "acklab-acl-diff-1", "missing": missing, "unasked": unasked}))
    else:
        for sign, acls in (("+", found.missing), ("-", found.unasked)):
            for acl in acls:
                print(f"{sign} {rights_text(acl)}")
    return Exit.VIOLATED if found else Exit.HOLDS


def _rules(words: list[str], file: Path | None) -> tuple[Acl, ...]:
    """Read rules and roles. Raises CommandError, naming the line."""
    from sim.cluster.security.roles import parse_rights

    lines = [(word, "") for word in words]
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        for number, line in enumerate(text.splitlines(), start=1):
            rule = " ".join(line.partition("#")[0].split())
            if rule:
                lines.append((rule, f"{file}:{number}: "))
    if not lines:
        raise CommandError("no rule is given: expected one, as 'allow User:shop WRITE topic orders-*', or --file FILE")
    found: dict[Acl, None] = {}
    for rule, where in lines:
        try:
            found.update(dict.fromkeys(parse_rights(rule)))
        except ValueError as error:
            raise CommandError(f"{where}{error}") from error
    return tuple(found)


def _as_json(acl: Acl) -> dict[str, str]:
    """Give Kafka's own words for a rule."""
    kind, name, pattern, principal, host, operation, permission = acl
    return {
        "resource_type": kind.name,
        "name": name,
        "pattern_type": pattern.name,
        "principal": principal,
        "host": host,
        "operation": operation.name,
        "permission": permission.name,
    }
