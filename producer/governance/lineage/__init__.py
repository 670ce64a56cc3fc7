"""Lineage: which job reads and writes which topic, field by field, as OpenLineage run events; and what a change would break."""
