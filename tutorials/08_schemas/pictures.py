"""The picture of lesson 8, drawn from the traces of two runs: `python -m tutorials.pictures --write`."""

from __future__ import annotations

from sim import Rollout, lesson, rollout_picture, run


def pictures() -> dict[str, str]:
    """Draw it; gives file name -> SVG."""
    evolution = lesson("schemas").module("evolution")
    noted, bare = evolution.order(evolution.ID, evolution.NOTE), evolution.order(evolution.ID)
    shop, billing = (
        run(evolution.rollout(noted, bare, level="BACKWARD", first=first)).trace for first in ("shop", "billing")
    )
    return {
        "who_goes_first.svg": rollout_picture(
            [
                Rollout(shop, "The shop goes first: billing, of yesterday, stops at a new order"),
                Rollout(billing, "Billing goes first: it reads old orders and new ones"),
            ],
            title="BACKWARD: one change, deployed in two orders",
            description="Two rows of twelve orders each, once for either rollout: by which version of the schema each was written, and by which "
            "version of billing it was read. The shop first: orders 0 to 3 are written and read by version 1, from order 4 on all are "
            "written by version 2, and billing's version 1 stops at order 4; those behind it wait. Billing first: orders 0 to 2 are read by "
            "version 1, all others by version 2: 3 to 7, which are old ones, and the new ones behind.",
        ),
    }


__all__ = ["pictures"]
