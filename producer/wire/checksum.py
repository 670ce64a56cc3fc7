"""CRC32C by the processor's own instruction, out of the crc32c package's extension module."""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import PathFinder

_Crc32c = Callable[[bytes | bytearray | memoryview, int], int]


def _load() -> _Crc32c:
    """Load the extension without its package: `import crc32c` reads its own version through importlib.metadata.

    That loads email, and with it socket, threading and random, none of which an engine without I/O has any business with;
    and it takes 30 ms. Where the extension is not found so, the package has to do.
    """
    package = PathFinder.find_spec("crc32c")
    if package is not None and package.submodule_search_locations:
        spec = PathFinder.find_spec("crc32c._crc32c", list(package.submodule_search_locations))
        if spec is not None and spec.loader is not None:
            module = spec.loader.create_module(spec)
            if module is not None:
                spec.loader.exec_module(module)
                found: _Crc32c = module.crc32c
                return found
    import crc32c as whole_package

    return whole_package.crc32c


crc32c = _load()
"""`crc32c(data, crc)`: the checksum of data, going on from `crc`, which is 0 at the beginning."""
