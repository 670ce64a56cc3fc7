"""Patterns of topics' names, as librdkafka checks them: it asks the C library's `regcomp`, and so is that asked here."""

from __future__ import annotations

import ctypes
from typing import Any

REG_EXTENDED = 1
"""POSIX leaves the number open; it is this one in glibc, musl and the BSDs."""
REGEX_BYTES = 1_024
"""More than the `regex_t` of any of them."""
ERROR_BYTES_MAX = 256


def why_not(pattern: str) -> str | None:
    """Give what the C library says against an extended regular expression; None if nothing, or if it has no say."""
    try:
        library: Any = ctypes.CDLL(None)
        compile_regex, explain, free = library.regcomp, library.regerror, library.regfree
    except (AttributeError, TypeError, OSError):
        return None
    regex = ctypes.create_string_buffer(REGEX_BYTES)
    code = compile_regex(regex, pattern.encode(), REG_EXTENDED)
    if code == 0:
        free(regex)
        return None
    text = ctypes.create_string_buffer(ERROR_BYTES_MAX)
    explain.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    explain(code, regex, text, ERROR_BYTES_MAX)
    return text.value.decode(errors="replace")
