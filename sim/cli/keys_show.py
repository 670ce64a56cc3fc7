"""`acklab keys show`: which tenants have keys, which versions, and who has a right to them; no key."""

from __future__ import annotations

import json

from sim.cli.endings import ends
from sim.cli.keys_file import KeyFile, opened
from sim.cli.options import AsJson

__all__ = ["show"]


@ends
def show(file: KeyFile, as_json: AsJson = False) -> None:
    """List tenants, versions and rights."""
    service = opened(file)
    if as_json:
        tenants = {
            name: {
                "versions": sorted(keys.versions),
                "readers": list(keys.readers),
                "writers": list(keys.writers),
                "is_shredded": keys.is_shredded,
            }
            for name, keys in service.tenants.items()
        }
        print(json.dumps({"format": "acklab-keys-shown-1", "tenants": tenants, "masks": list(service.masks)}))
        return
    for name, keys in service.tenants.items():
        versions = ", ".join(map(str, sorted(keys.versions)))
        has = "shredded" if keys.is_shredded else f"versions {versions}"
        print(f"tenant {name}: {has}; read by {', '.join(keys.readers)}; written by {', '.join(keys.writers)}")
    for name in service.masks:
        print(f"mask {name}")
