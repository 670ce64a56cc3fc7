"""An authorizer by Kafka's properties: whether there is one, and what there is to set of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sim.cluster.security.acls.settings import AuthorizerSettings

CLASS = "authorizer.class.name"
SUPER_USERS = "super.users"
ALLOW_EVERYONE = "allow.everyone.if.no.acl.found"
NAMES = (CLASS, SUPER_USERS, ALLOW_EVERYONE)
STANDARD = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


def authorizer_with(before: AuthorizerSettings | None, given: Mapping[str, str]) -> AuthorizerSettings | None:
    """Give the authorizer with those properties, None for none. Raises ValueError, naming the property and what it must be."""
    found = before
    name = given.get(CLASS)
    if name is not None:
        if name not in {"", STANDARD}:
            raise ValueError(f"{CLASS} is {name!r}, must be {STANDARD}, or empty for none")
        found = None if not name else before or AuthorizerSettings()
    if found is None:
        if SUPER_USERS in given or ALLOW_EVERYONE in given:
            raise ValueError(f"{SUPER_USERS} and {ALLOW_EVERYONE} are of an authorizer: set {CLASS}={STANDARD}")
        return None
    if SUPER_USERS in given:
        users = tuple([user.strip() for user in given[SUPER_USERS].split(";") if user.strip()])
        try:
            found = replace(found, super_users=users)
        except ValueError as error:
            raise ValueError(
                f"{SUPER_USERS} is {given[SUPER_USERS]!r}, must be principals with ; between them: {error}"
            ) from error
    if ALLOW_EVERYONE in given:
        if given[ALLOW_EVERYONE].lower() not in {"true", "false"}:
            raise ValueError(f"{ALLOW_EVERYONE} is {given[ALLOW_EVERYONE]!r}, must be either true or false")
        found = replace(found, allow_everyone_if_no_acl_found=given[ALLOW_EVERYONE].lower() == "true")
    return found
