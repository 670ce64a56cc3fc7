"""What a schema says: Avro, Protobuf and JSON Schema, read from their text. Knows no registry and no bytes of a record.

`parse` gives what a text says, or the reason why it is no schema; the libraries of a format (the extra `schemas`) are
loaded when a schema of it is parsed.
"""
