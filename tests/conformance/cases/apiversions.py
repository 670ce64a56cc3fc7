"""ApiVersions: the first thing every client asks."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context


@case(each={"version": versions("api_versions")})
def each_version(c: Context, version: Any) -> None:
    """Which api keys and versions are offered, and (v3+) the features."""
    how = {"client_software_name": "conf", "client_software_version": "1.0"} if version >= 3 else {}
    c.send("api_versions", version, **how)


@case
def asked_twice(c: Context) -> None:
    """The same connection may ask again."""
    for _ in range(2):
        c.send("api_versions", 3, client_software_name="conf", client_software_version="1.0", _hide=("api_keys",))
