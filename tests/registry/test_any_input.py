"""Whatever comes in, the answer is a documented one, and what is refused leaves nothing behind."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.registry.core.errors import RegistryCode
from sim.registry.rest.api import ROUTES
from sim.registry.rest.connection import Connection
from tests.registry.asking import ORDER, Asking
from tests.registry.test_connection import REGISTERING, spoken

CODES = {int(code) for code in RegistryCode} - {RegistryCode.INTERNAL}

words = st.sampled_from(["s", ":.x:s", ":*:", "", "latest", "-1", "1", "0", "99", "%2F", "%ff", "ä", "*", "__EMPTY"])
jsons: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just(ORDER),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(
    st.sampled_from(
        ["schema", "schemaType", "references", "version", "id", "metadata", "compatibility", "mode", "alias"]
    ),
    jsons | st.sampled_from(["AVRO", "JSON", "PROTOBUF", "NONE", "FULL", "IMPORT", "READONLY"]),
    max_size=5,
)
queries = st.sampled_from(
    ["", "?deleted=true", "?normalize=True&verbose=x", "?limit=x", "?subject=:.x:", "?a=%ff", "?&="]
)
requests = st.tuples(st.sampled_from(ROUTES), st.lists(words, min_size=3, max_size=3), queries, bodies | jsons)


@given(drawn=st.lists(requests, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_request_is_answered_as_documented(drawn: list[tuple[Any, list[str], str, Any]]) -> None:
    asking = Asking()
    asking.register("s", ORDER)
    for route, names, query, body in drawn:
        path = route.path
        for name in names:
            path = path.replace("*", name.replace("*", "%2A"), 1)
        before = len(asking.registry.journal)
        said = asking.ask(route.method, path + query, body)

        assert said.code in CODES if said.status != 200 else True, said
        assert said.status == 200 or len(asking.registry.journal) == before


@given(data=st.binary(max_size=300), place=st.integers(0, len(REGISTERING)), piece=st.integers(1, 400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_answered_or_waited_for(data: bytes, place: int, piece: int) -> None:
    for sent in (data, REGISTERING[:place] + data + REGISTERING[place:], data + REGISTERING):
        if not sent:
            continue
        answer, connection, registry = spoken(sent, piece=piece)
        assert answer.startswith(b"HTTP/1.1 ") or answer == b""
        assert len(registry.journal) <= 1
        connection.receive(b"")
        assert connection.is_over or connection.is_idle or not answer


def test_nothing_at_all_is_the_end() -> None:
    connection = Connection()

    assert connection.receive(b"") is None
    assert connection.is_over
