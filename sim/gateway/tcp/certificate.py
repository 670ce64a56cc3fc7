"""As whom a client's certificate lets it in: its distinguished name (DefaultKafkaPrincipalBuilder)."""

from __future__ import annotations

from typing import Any

from sim.gateway.core.identity import ANONYMOUS

_SHORT = {
    "commonName": "CN",
    "organizationalUnitName": "OU",
    "organizationName": "O",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "countryName": "C",
}


def principal_of(certificate: dict[str, Any] | None) -> str:
    """Give the principal of a certificate, its distinguished name, the last part first (RFC 2253, DefaultKafkaPrincipalBuilder)."""
    if not certificate:
        return ANONYMOUS
    parts = [f"{_SHORT.get(name, name)}={value}" for part in certificate["subject"] for name, value in part]
    return f"User:{','.join(reversed(parts))}"
