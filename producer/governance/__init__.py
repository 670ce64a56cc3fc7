"""Governance at the producer: what may be written, which fields are hidden, who wrote what, and which settings are allowed.

`policy` says which shapes a topic takes and what becomes of a record that has another one; `protection` hides fields and encrypts
them, and lets those read who have the right; `lint` and `bundles` look at configurations, before they run and layer by layer; `audit`
tells who wrote what, in lines that are chained; `lineage` which job reads and writes which field. Their rules are sans-IO: a record comes in as a value, a verdict or another record comes out.
"""
