"""Every route of the registry, one row each: which handler a request goes to, and who may answer it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from sim.registry.core import registering
from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.outcome import Outcome
from sim.registry.rest import bodies
from sim.registry.rest.handlers import compatibility, configs, modes, schemas, subjects, versions
from sim.registry.rest.handlers.naming import subject_named
from sim.registry.rest.messages import Asked, no_such_place

if TYPE_CHECKING:
    from sim.registry.core.state import State

Handler = Callable[["State", Asked, tuple[str, ...]], Outcome]
"""Is given what stands where the row has `*`. Raises RegistryError."""


class Kind(Enum):
    """Who may answer."""

    READ = auto()
    """Any registry, by what it has read so far."""
    REGISTER = auto()
    """Any registry that finds the schema there already; else the leader."""
    WRITE = auto()
    """The leader."""


class Route(NamedTuple):
    """One row."""

    method: str
    path: str
    kind: Kind
    handler: Handler


class Found(NamedTuple):
    """A route, and what its path names."""

    route: Route
    names: tuple[str, ...]


def find_route(asked: Asked) -> Found:
    """Find what is asked for. Raises RegistryError 404, 405."""
    allowed = []
    for route in ROUTES:
        parts = tuple(route.path.split("/")[1:]) if route.path != "/" else ()
        if len(parts) != len(asked.path):
            continue
        names = tuple([given for part, given in zip(parts, asked.path, strict=True) if part == "*"])
        if any(part not in ("*", given) for part, given in zip(parts, asked.path, strict=True)):
            continue
        if route.method in (asked.method, "GET" if asked.method == "HEAD" else ""):
            return Found(route, names)
        allowed.append(route.method)
    if allowed:
        raise RegistryError(RegistryCode.METHOD_NOT_ALLOWED, f"HTTP 405 Method Not Allowed, but {', '.join(allowed)}")
    raise no_such_place()


def respond(state: State, asked: Asked, found: Found) -> Outcome:
    """Do it. Raises RegistryError."""
    return found.route.handler(state, asked, found.names)


def answer_as_follower(state: State, asked: Asked, found: Found) -> Outcome | None:
    """Answer what needs no leader; None for what does. Raises RegistryError."""
    if found.route.kind is Kind.READ:
        return respond(state, asked, found)
    if found.route.kind is Kind.REGISTER:
        return registering.already_registered(state, bodies.candidate(asked, subject_named(state, found.names[0])))
    return None


def _nothing(_state: State, _asked: Asked, _names: tuple[str, ...]) -> Outcome:
    return Outcome({})


ROUTES = (
    Route("GET", "/", Kind.READ, _nothing),
    Route("GET", "/subjects", Kind.READ, subjects.list_all),
    Route("POST", "/subjects/*", Kind.READ, subjects.look_up),
    Route("DELETE", "/subjects/*", Kind.WRITE, subjects.delete),
    Route("GET", "/subjects/*/metadata", Kind.READ, subjects.latest_with_metadata),
    Route("GET", "/subjects/*/versions", Kind.READ, versions.list_all),
    Route("POST", "/subjects/*/versions", Kind.REGISTER, versions.register),
    Route("GET", "/subjects/*/versions/*", Kind.READ, versions.one),
    Route("DELETE", "/subjects/*/versions/*", Kind.WRITE, versions.delete),
    Route("GET", "/subjects/*/versions/*/schema", Kind.READ, versions.text),
    Route("GET", "/subjects/*/versions/*/referencedby", Kind.READ, versions.referenced_by),
    Route("GET", "/schemas", Kind.READ, schemas.list_all),
    Route("GET", "/schemas/types", Kind.READ, schemas.types),
    Route("GET", "/schemas/ids/*", Kind.READ, schemas.by_id),
    Route("GET", "/schemas/ids/*/schema", Kind.READ, schemas.text),
    Route("GET", "/schemas/ids/*/subjects", Kind.READ, schemas.subjects),
    Route("GET", "/schemas/ids/*/versions", Kind.READ, schemas.versions),
    Route("GET", "/schemas/guids/*", Kind.READ, schemas.by_guid),
    Route("GET", "/schemas/guids/*/ids", Kind.READ, schemas.ids_of_guid),
    Route("POST", "/compatibility/subjects/*/versions", Kind.READ, compatibility.with_every),
    Route("POST", "/compatibility/subjects/*/versions/*", Kind.READ, compatibility.with_one),
    Route("GET", "/config", Kind.READ, configs.of_all),
    Route("PUT", "/config", Kind.WRITE, configs.set_of_all),
    Route("DELETE", "/config", Kind.WRITE, configs.delete_of_all),
    Route("GET", "/config/*", Kind.READ, configs.of_one),
    Route("PUT", "/config/*", Kind.WRITE, configs.set_of_one),
    Route("DELETE", "/config/*", Kind.WRITE, configs.delete_of_one),
    Route("GET", "/mode", Kind.READ, modes.of_all),
    Route("PUT", "/mode", Kind.WRITE, modes.set_of_all),
    Route("DELETE", "/mode", Kind.WRITE, modes.delete_of_all),
    Route("GET", "/mode/*", Kind.READ, modes.of_one),
    Route("PUT", "/mode/*", Kind.WRITE, modes.set_of_one),
    Route("DELETE", "/mode/*", Kind.WRITE, modes.delete_of_one),
    Route("GET", "/contexts", Kind.READ, subjects.list_contexts),
)
