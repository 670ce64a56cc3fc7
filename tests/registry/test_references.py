"""What a schema refers to is found by subject and version, and cannot be deleted before it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.registry.asking import ORDER, Asking, record

SHIPMENT = record("Shipment", order="Order")


def to(subject: str, version: int = 1, name: str = "Order") -> list[dict[str, Any]]:
    return [{"name": name, "subject": subject, "version": version}]


@pytest.fixture
def asking() -> Asking:
    asking = Asking()
    asking.register("orders", ORDER)
    asking.register("shipments", SHIPMENT, references=to("orders"))
    return asking


def test_it_is_given_back_with_its_references(asking: Asking) -> None:
    assert asking.get("/schemas/ids/2")["references"] == to("orders")
    assert asking.get("/subjects/orders/versions/1/referencedby") == [2]
    assert asking.get("/subjects/shipments/versions/1/referencedby") == []


def test_other_references_make_another_schema(asking: Asking) -> None:
    asking.register("copies", ORDER)

    assert asking.register("shipments", SHIPMENT, references=to("copies")) == 3


def test_what_refers_and_is_deleted_softly_holds_only_who_deletes_for_good(asking: Asking) -> None:
    asking.done("DELETE", "/subjects/shipments")
    asking.done("DELETE", "/subjects/orders")

    assert asking.ask("DELETE", "/subjects/orders?permanent=true").code == 42206
    assert asking.get("/subjects/orders/versions/1/referencedby?deleted=true") == [2]
    asking.done("DELETE", "/subjects/shipments?permanent=true")
    asking.done("DELETE", "/subjects/orders?permanent=true")


def test_a_version_deleted_softly_is_still_referred_to(asking: Asking) -> None:
    asking.done("DELETE", "/subjects/shipments")
    asking.done("DELETE", "/subjects/orders")

    assert asking.register("later", SHIPMENT, references=to("orders")) == 2


def test_references_of_references_are_found(asking: Asking) -> None:
    told = [*to("orders"), *to("shipments", name="Shipment")]

    assert asking.register("deep", record("Deep", shipment="Shipment"), references=told[1:]) == 3


def test_a_reference_to_nothing_names_what_is_missing(asking: Asking) -> None:
    said = asking.ask("POST", "/subjects/x/versions", {"schema": SHIPMENT, "references": to("nowhere", 3)})

    assert said.code == 42201
    assert "nowhere" in said.body["message"]


def test_in_a_context_a_bare_name_is_looked_for_there(asking: Asking) -> None:
    body = {"schema": SHIPMENT, "references": to("orders")}
    assert asking.ask("POST", "/subjects/:.other:shipments/versions", body).code == 42201

    asking.register(":.other:orders", ORDER)
    assert asking.register(":.other:shipments", SHIPMENT, references=to("orders")) == 2
    assert asking.ask("DELETE", "/subjects/:.other:orders").code == 42206
