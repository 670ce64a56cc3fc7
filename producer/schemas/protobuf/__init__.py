"""From the text of a .proto file to its descriptor, without protoc: what is said in it, and that it keeps the rules.

The grammar and the rules are those of the language guides for proto2 and proto3 and of protoc; records are written and read
by the package protobuf. Editions are not read.
"""
