"""An answer to a hot key that keeps an order worth having: the key and a part of what it stands for, as one key."""

from __future__ import annotations

import re
from typing import NamedTuple

from producer.errors import UsageError

_COMPOSITE = re.compile(rb"((?:[^\\|]|\\[\\|])*)\|(.*)", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class CompositeKey(NamedTuple):
    r"""A key and its sub-key: a customer and one of their carts. Send `encode()` as the record's key.

    Order: that of the records of one composite key only. Those of two carts of one customer lie in two partitions, and
    are read in any order; a compacted topic keeps the latest record of each cart, and a cart keeps its partition in any
    client, for the default partitioner hashes all of it.

    >>> CompositeKey(b"customer-42", b"cart-7").encode()
    b'customer-42|cart-7'
    """

    key: bytes
    sub_key: bytes

    def encode(self) -> bytes:
        r"""Write both as one: no two different ones look alike, for a `|` in the key is written as `\|`."""
        return self.key.replace(b"\\", rb"\\").replace(b"|", rb"\|") + b"|" + self.sub_key

    @classmethod
    def decode(cls, data: bytes) -> CompositeKey:
        """Give the parts back. Raises UsageError for a key that is no composite one."""
        found = _COMPOSITE.fullmatch(data)
        if found is None:
            msg = f"key {data!r} is no composite key: there is no '|' in it, or a stray backslash before that"
            raise UsageError(msg)
        return cls(_ESCAPED.sub(rb"\1", found[1]), found[2])
