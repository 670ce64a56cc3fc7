"""Who imports whom, by file."""

import grimp


def imports() -> list[tuple[str, str]]:
    """(module, imported module) pairs among ours, those under TYPE_CHECKING and inside functions included."""
    graph = grimp.build_graph("producer", "sim", "scenarios", "tutorials", cache_dir=None)
    return [
        (module, imported)
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
    ]
