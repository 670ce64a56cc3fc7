"""Values that do not fit a record: kept in an object store (claim check), or cut into several records (chunking).

Both ways have their way back: `ClaimCheck.redeem`, and `Assembler`. Nothing in a record names a file or a size that is
believed before it was checked.
"""
