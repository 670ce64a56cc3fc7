"""In what order a name's addresses are tried: each attempt begins behind the last one's, as Java's client does."""

from __future__ import annotations

from typing import Any

from producer.drivers import addresses
from producer.drivers.addresses import Addresses


def found(*names: str) -> list[Any]:
    return [("family", "type", 6, "", (name, 9092)) for name in names]


def order(one: Addresses, *names: str, host: str = "b1") -> list[str]:
    """Look up, and try the first."""
    turn = one.in_turn(host, 9092, found(*names))
    one.try_next(host, 9092, turn[0][-1])
    return [address[0] for *_, address in turn]


def test_it_goes_round_and_each_attempt_has_all_of_them() -> None:
    one = Addresses()

    assert [order(one, "a", "b", "c") for _ in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_an_only_address_is_tried_again_and_one_that_is_gone_is_forgotten() -> None:
    one = Addresses()

    assert order(one, "a") == order(one, "a") == ["a"]
    assert order(one, "b", "c") == ["b", "c"]


def test_names_have_their_turns_apart_and_are_not_remembered_without_end() -> None:
    one = Addresses()
    assert order(one, "a", "b", host="b1") == order(one, "a", "b", host="b2") == ["a", "b"]

    for number in range(addresses.HOSTS_MAX * 2):
        order(one, "a", "b", host=f"made-up-{number}")

    assert len(one._tried) == addresses.HOSTS_MAX
    assert order(one, "a", "b", host="b1") == ["a", "b"]
