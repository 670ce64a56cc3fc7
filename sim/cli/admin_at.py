"""What commands share that ask a cluster by Kafka's admin APIs: where it is, how to be let in, and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, Exit
from sim.cli.options import key_values, servers_named

if TYPE_CHECKING:
    from producer.wire.api import ApiKey

    Ask = Callable[[ApiKey, tuple[Any, ...]], Any]

Properties = Annotated[
    list[str],
    typer.Option("-X", "--command-property", metavar="NAME=VALUE",
                 help="security.protocol, ssl.* or sasl.*, by Kafka's names; repeatable."),
]  # fmt: skip
Timeout = Annotated[
    int, typer.Option("--timeout", min=1, metavar="SECONDS", help="How long to try to reach the cluster.")
]
POLL_US = 200_000
SECOND_US = 1_000_000


def at_cluster(bootstrap: str, properties: list[str], timeout: int, work: Callable[[Ask], Any]) -> Any:
    """Let `work` ask a cluster, one question after the other. Raises CommandError if nobody answers, or nobody is let in."""
    from random import Random, SystemRandom

    from producer.client.sasl.mechanism import sasl_settings
    from producer.config.addresses import parse_address
    from producer.config.config import ProducerConfig
    from producer.drivers.clock import now_us
    from producer.drivers.sockets import SocketDriver
    from producer.drivers.tls import client_context
    from sim.clients.admin import AdminClient
    from sim.cluster.security.acls.admin import RefusedByClusterError

    servers = servers_named(bootstrap)
    security = ProducerConfig.from_properties({"bootstrap.servers": servers} | key_values(properties, option="-X"))
    admin = AdminClient(
        bootstrap=[parse_address(server) for server in servers.split(",")],
        chance=Random(),  # noqa: S311 - it spreads retries, it guards nothing
        now_us=now_us(),
        client_id="acklab-admin",
        sasl=sasl_settings(security, SystemRandom()),
    )
    driver = SocketDriver(admin, tls=client_context(security))

    def ask(api: ApiKey, request: tuple[Any, ...]) -> Any:
        question = admin.ask(api, request, now_us())
        until_us = now_us() + timeout * SECOND_US
        while not question.has_ended:
            driver.poll(POLL_US)
            if admin.error:
                raise CommandError(f"{bootstrap}: {admin.error}", Exit.VIOLATED)
            if now_us() > until_us:
                raise CommandError(f"{bootstrap}: no answer to {api.name} within {timeout} s", Exit.INCONCLUSIVE)
        if question.error:
            raise CommandError(f"{bootstrap}: {api.name} is refused: {question.error}", Exit.VIOLATED)
        return question.answer

    try:
        return work(ask)
    except RefusedByClusterError as error:
        raise CommandError(f"{bootstrap}: {error}", Exit.VIOLATED) from error
    finally:
        admin.close(now_us())
        driver.close()
