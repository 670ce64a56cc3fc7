"""FindCoordinator: several keys, kinds nobody knows, odd keys."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context


@case(each={"version": versions("find_coordinator")})
def of_groups(c: Context, version: Any) -> None:
    """A group's coordinator: names of every kind; kinds of key; several, twice, none."""
    names = (c.name("g"), "", " ", "x" * 3000, "é")
    if version < 4:
        for name in names:
            more = {"key_type": 0} if version >= 1 else {}
            c.send("find_coordinator", version, repr(name)[:12], key=name, **more)
        if version >= 1:
            for kind in (3, -1, 127):
                c.send("find_coordinator", version, f"kind {kind}", key="g", key_type=kind)
        return
    for name in names:
        c.send("find_coordinator", version, repr(name)[:12], key_type=0, coordinator_keys=[name])
    for kind in (3, -1, 127):
        c.send("find_coordinator", version, f"kind {kind}", key_type=kind, coordinator_keys=["g"])
        c.send("find_coordinator", version, f"kind {kind}, none", key_type=kind, coordinator_keys=[])
    c.send("find_coordinator", version, "two", key_type=0, coordinator_keys=[c.name("g"), c.name("h")])
    c.send("find_coordinator", version, "twice", key_type=0, coordinator_keys=[c.name("g")] * 2)
    c.send("find_coordinator", version, "none", key_type=0, coordinator_keys=[])
