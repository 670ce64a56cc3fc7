"""A format writes each part of a record, as bytes, and refuses what is no token."""

import pytest

from sim.cli.endings import CommandError
from sim.cli.record_format import record_format
from sim.clients.consumer import ConsumedRecord

RECORD = ConsumedRecord("orders", 2, 17, 1_700_000_000_123, b"k\xff", b"value", (("a", b"1"), ("b", None), ("c", b"")))
NULLS = ConsumedRecord("orders", 0, 0, -1, None, None, ())


@pytest.mark.parametrize(
    "text, written",
    [
        ("%t[%p] at %o\\n", b"orders[2] at 17\n"),
        ("%k|%s", b"k\xff|value"),
        ("%K %S", b"2 5"),
        ("%R%s", b"\x00\x00\x00\x05value"),
        ("%T", b"1700000000123"),
        ("%h", b"a=1,b=NULL,c="),
        ("100%% \\x41\\t", b"100% A\t"),
        ("", b""),
        ("é", "é".encode()),
    ],
)
def test_each_token_writes_its_part(text: str, written: bytes) -> None:
    assert record_format(text, null=b"")(RECORD) == written


def test_null_has_no_length_and_is_what_it_is_said_to_be() -> None:
    assert record_format("%k %s %K %S", null=b"NULL")(NULLS) == b"NULL NULL -1 -1"
    assert record_format("[%k%s]%R%h", null=b"")(NULLS) == b"[]\xff\xff\xff\xff"


@pytest.mark.parametrize("text, token", [("%x", "%x"), ("abc%", "%"), ("% s", "% ")])
def test_what_is_no_token_is_named_with_those_there_are(text: str, token: str) -> None:
    with pytest.raises(CommandError, match=f"'{token}' is none of %%, %t, %p, %o"):
        record_format(text, null=b"")
