"""`acklab quota`: how much which clients are allowed at any Kafka cluster, listed and changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.admin_at import Properties, Timeout, at_cluster
from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson
from sim.cli.produce import Bootstrap

if TYPE_CHECKING:
    from sim.cluster.quotas.admin import Ask
    from sim.cluster.quotas.entity import QuotaEntity

__all__ = ["app"]

app = typer.Typer(
    name="quota",
    help="How much clients are allowed at a cluster: `client-id=noisy producer_byte_rate=1048576`, `user=<default> request_percentage=50`.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

EXPECTED = "expected it as in: client-id=noisy producer_byte_rate=1048576"
Parts = Annotated[
    list[str],
    typer.Argument(
        metavar="[PART…]", help="Only entities with these: user=NAME, client-id=NAME, ip=NAME; NAME may be '<default>'."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Only entities that have these parts and no others.")]
Settings = Annotated[
    list[str],
    typer.Argument(
        metavar="PART… LIMIT=NUMBER…", help="As client-id=noisy producer_byte_rate=1048576 request_percentage=50."
    ),
]
Removals = Annotated[
    list[str],
    typer.Argument(
        metavar="PART… [LIMIT…]", help="As client-id=noisy producer_byte_rate; all of its limits if none is named."
    ),
]
DryRun = Annotated[bool, typer.Option("--validate-only", help="Ask whether it could be, and change nothing.")]


@app.command("list")
@ends
def list_quotas(
    bootstrap: Bootstrap,
    parts: Parts = [],  # noqa: B006 - Typer reads it, nobody changes it
    strict: Strict = False,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
    as_json: AsJson = False,
) -> None:
    """List quotas, a limit a line, as `set` reads them."""
    from sim.cluster.quotas.admin import held
    from sim.cluster.quotas.quota import Quota

    entity, rest = _split(parts)
    if rest:
        raise CommandError(f"{rest[0]!r} is no part of an entity: expected user=NAME, client-id=NAME or ip=NAME")
    found = at_cluster(bootstrap, properties, timeout, lambda ask: held(ask, entity, is_strict=strict))
    if as_json:
        quotas = [
            {"entity": dict(one.parts), "limits": limits}
            for one, limits in sorted(found.items(), key=lambda it: str(it[0]))
        ]
        print(json.dumps({"format": "acklab-quotas-1", "quotas": quotas}))
        return
    for one, limits in sorted(found.items(), key=lambda it: str(it[0])):
        for name, value in limits.items():
            print(Quota(one, name, value))


@app.command("set")
@ends
def set_quotas(
    bootstrap: Bootstrap,
    settings: Settings,
    validate_only: DryRun = False,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
) -> None:
    """Set limits of one entity, all of them or none; others that it has stay. Exits with 1 if the cluster refuses them."""
    from sim.cluster.quotas.admin import altered

    entity, rest = _whose(settings)
    limits: dict[str, float | None] = {}
    for word in rest:
        name, _, number = word.partition("=")
        try:
            limits[name] = float(number)
        except ValueError as error:
            raise CommandError(f"{word!r} sets no limit: {EXPECTED}") from error
    if not limits:
        raise CommandError(f"{entity} is given no limit: {EXPECTED}")
    at_cluster(bootstrap, properties, timeout, lambda ask: altered(ask, entity, limits, is_real=not validate_only))
    print(f"{entity} {'could be' if validate_only else 'is'} allowed {' '.join(rest)}")


@app.command()
@ends
def remove(
    bootstrap: Bootstrap,
    removals: Removals,
    properties: Properties = [],  # noqa: B006
    timeout: Timeout = 30,
) -> None:
    """Remove limits of one entity, so that the next level holds; one that it does not have is no error, as with Kafka's tools."""
    from sim.cluster.quotas.admin import altered, held

    entity, named = _whose(removals)
    if any("=" in word for word in named):
        raise CommandError(
            f"{next(word for word in named if '=' in word)!r} names no limit: expected one as producer_byte_rate"
        )

    def work(ask: Ask) -> list[str]:
        names = named or list(held(ask, entity, is_strict=True).get(entity, ()))
        if names:
            altered(ask, entity, dict.fromkeys(names), is_real=True)
        return names

    gone = at_cluster(bootstrap, properties, timeout, work)
    print(f"{entity} has no {' and no '.join(gone)}" if gone else f"{entity} has no quota")


def _whose(words: list[str]) -> tuple[QuotaEntity, list[str]]:
    entity, rest = _split(words)
    if not entity.parts:
        raise CommandError(f"nobody is named: {EXPECTED}")
    return entity, rest


def _split(words: list[str]) -> tuple[QuotaEntity, list[str]]:
    """Tell the parts of an entity from what else is said. Raises CommandError for a part that is named twice."""
    from sim.cluster.quotas.entity import DEFAULT_TEXT, KINDS, entity_of

    parts: dict[str, str | None] = {}
    rest = []
    for word in words:
        kind, sign, name = word.partition("=")
        if kind not in KINDS or not sign:
            rest.append(word)
        elif kind in parts:
            raise CommandError(f"{kind} is named twice")
        else:
            parts[kind] = None if name == DEFAULT_TEXT else name
    return entity_of(parts), rest
