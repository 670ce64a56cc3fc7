"""`acklab gateway`: a Kafka proxy that enforces a policy on clients of any make, until control-C."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson, key_values

if TYPE_CHECKING:
    import ssl

    from sim.gateway.graveyard import Graveyard
    from sim.gateway.policed import Policed
    from sim.gateway.tcp.address import Address

GATEWAY_PORT = 9192
"""A hundred above Kafka's own."""

Upstream = Annotated[
    list[str],
    typer.Option("--upstream", "-b", metavar="HOST:PORT", help="A broker of the cluster behind it; repeatable."),
]
Port = Annotated[
    int,
    typer.Option(
        min=0, max=65_535, help="Where clients begin; broker n is found at this port + 1 + n. 0: any that are free."
    ),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--tls-certificate", metavar="FILE", help="PEM with certificate and key: clients speak TLS."),
]
Clients = Annotated[
    Path | None,
    typer.Option("--tls-client-ca", metavar="FILE", help="PEM: whose certificates clients must show, and be known by."),
]
Trusted = Annotated[
    Path | None,
    typer.Option("--upstream-ca", metavar="FILE", help="PEM: whom to trust to be a broker; TLS goes there."),
]

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="What may be written, and what is hidden of it: YAML or JSON."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--keys", metavar="FILE", help="The tenants' keys, and who has a right to them; with mode 0600."),
]
Registry = Annotated[
    str, typer.Option("--schema-registry", metavar="URL", help="Where the schemas of values are asked for.")
]
Audit = Annotated[
    Path | None, typer.Option("--audit", metavar="FILE", help="Keep who wrote what, as `acklab audit verify` reads it.")
]
LetterProperties = Annotated[
    list[str],
    typer.Option(
        "-X",
        "--dead-letter-property",
        metavar="NAME=VALUE",
        help="A producer property, by Kafka's name, of the gateway's own producer of dead letters; repeatable.",
    ),
]
NO_PROPERTIES: list[str] = []


@ends
def gateway(
    upstream: Upstream,
    port: Port = GATEWAY_PORT,
    policy: PolicyFile = None,
    keys: KeyFile = None,
    schema_registry: Registry = "",
    audit: Audit = None,
    dead_letter_property: LetterProperties = NO_PROPERTIES,
    tls_certificate: Certificate = None,
    tls_client_ca: Clients = None,
    upstream_ca: Trusted = None,
    as_json: AsJson = False,
) -> int:
    """Stand before a cluster on 127.0.0.1 until control-C: what clients send and read passes through here, and nowhere else."""
    import asyncio

    from sim.gateway.tcp.gateway import Gateway, serve_until_signal

    if tls_client_ca is not None and tls_certificate is None:
        raise CommandError("--tls-client-ca needs --tls-certificate: who shows no certificate cannot ask for one")
    addresses = tuple(_address(one) for one in upstream)
    reaching = {"bootstrap.servers": ",".join(map(str, addresses)), **_trusting(upstream_ca)}
    reaching |= key_values(dead_letter_property, option="-X")
    tls = None if tls_certificate is None else _listening_tls(tls_certificate, tls_client_ca)
    upstream_tls = None if upstream_ca is None else _upstream_tls(upstream_ca)
    enforcement = _enforcement(policy, keys, schema_registry, audit, reaching)
    gate = Gateway(enforcement, addresses, host="127.0.0.1", port=port, tls=tls, upstream_tls=upstream_tls)

    def say_ready() -> None:
        told = {"format": "acklab-gateway-1", "bootstrap": str(gate.address), "pid": os.getpid()}
        print(json.dumps(told) if as_json else f"gateway at {gate.address}; control-C ends it", flush=True)

    try:
        asyncio.run(serve_until_signal(gate, say_ready))
    except OSError as error:
        if error.filename is None:
            raise
        raise CommandError(f"cannot listen at {error.filename}: {error.strerror}") from error
    finally:
        enforcement.close()
    told = {"format": "acklab-gateway-ended-1", "refused_sessions": gate.refusals}
    print(json.dumps(told) if as_json else f"{gate.refusals} sessions ended for what was sent in them")
    return Exit.HOLDS


def _enforcement(
    policy: Path | None, keys: Path | None, registry: str, audit: Path | None, reaching: dict[str, str]
) -> Policed:
    """Put together what is enforced. Raises CommandError for a file that is not what it should be: nothing is half in force."""
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.errors import ProducerError
    from producer.governance.audit.store import AuditFile
    from producer.governance.policy.file import read_policy
    from producer.governance.policy.words import Policy
    from producer.governance.protection.key_file import load_keys
    from sim.gateway.audited import BatchAudit
    from sim.gateway.core.policing import buries
    from sim.gateway.policed import Policed

    try:
        read = Policy() if policy is None else read_policy(policy)
        return Policed(
            read,
            keys_of=None if keys is None else load_keys(keys).as_principal,
            registry=SchemaRegistry(registry) if registry else None,
            audit=None if audit is None else BatchAudit(AuditFile(audit)),
            graveyard=_graveyard(reaching) if buries(read) else None,
        )
    except ProducerError as error:
        raise CommandError(str(error)) from error


def _graveyard(reaching: dict[str, str]) -> Graveyard:
    """Give the gateway's own producer of dead letters. Raises ConfigError."""
    from producer import Producer
    from sim.gateway.graveyard import Graveyard

    return Graveyard(Producer(reaching))


def _trusting(upstream_ca: Path | None) -> dict[str, str]:
    """Give what a producer of ours has to be told to trust the same brokers."""
    if upstream_ca is None:
        return {}
    return {"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": str(upstream_ca)}


def _address(text: str) -> Address:
    from sim.gateway.tcp.address import Address

    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise CommandError(f"--upstream {text!r}: must be HOST:PORT")
    return Address(host, int(port))


def _listening_tls(certificate: Path, client_ca: Path | None) -> ssl.SSLContext:
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(f"--tls-certificate {certificate}: {error.strerror or error}") from error
    if client_ca is not None:
        _trust(context, client_ca, "--tls-client-ca")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _upstream_tls(trusted: Path) -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _trust(context, trusted, "--upstream-ca")
    return context


def _trust(context: ssl.SSLContext, trusted: Path, option: str) -> None:
    import ssl

    try:
        context.load_verify_locations(trusted)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(f"{option} {trusted}: {error.strerror or error}") from error
