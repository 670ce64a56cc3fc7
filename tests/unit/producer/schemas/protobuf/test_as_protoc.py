"""The descriptor of a .proto file is the one that protoc gives, and what protoc refuses is refused."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message

from producer.schemas.protobuf.protobuf_schema import ProtobufSchema, parse_protobuf
from producer.schemas.protobuf.symbols import messages
from producer.schemas.schema import InvalidSchemaError, Schema, SchemaType
from tests.unit.producer.schemas.protobuf.protoc import descriptor

FILES = sorted((Path(__file__).parent / "files").glob("*.proto"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def protobuf(text: str) -> ProtobufSchema:
    return parse_protobuf(Schema(SchemaType.PROTOBUF, text), {})


def comparable(file: FileDescriptorProto) -> FileDescriptorProto:
    """Without custom options, which protoc has looked up and we leave as they stand, and what it keeps for itself."""
    found = FileDescriptorProto()
    found.CopyFrom(file)
    found.DiscardUnknownFields()  # type: ignore[no-untyped-call,unused-ignore]
    _drop_custom_options(found)
    return found


def _drop_custom_options(message: Message) -> None:
    for name in ("uninterpreted_option", "verification"):
        if name in message.DESCRIPTOR.fields_by_name:
            message.ClearField(name)
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for one in value if field.is_repeated else [value]:
            _drop_custom_options(one)
    for one in getattr(message, "extension_range", ()):
        if not one.options.ListFields():
            one.ClearField("options")


@each_file
def test_the_descriptor_is_that_of_protoc(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = descriptor(text, tmp_path)

    assert wanted is not None
    assert comparable(protobuf(text).file) == comparable(wanted)


@each_file
def test_the_canonical_text_says_the_same_to_protoc(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = protobuf(text)

    assert "//" not in found.canonical.replace("://", "")
    assert descriptor(found.canonical, tmp_path) == descriptor(text, tmp_path)
    assert protobuf(found.canonical).canonical == found.canonical


@each_file
def test_the_normalized_text_is_one_that_protoc_reads_and_it_stays_as_it_is(path: Path, tmp_path: Path) -> None:
    found = protobuf(path.read_text(encoding="utf-8"))

    again = descriptor(found.normalized, tmp_path)

    assert again is not None
    assert without_order(again) == without_order(found.file)
    assert indexes(again) == indexes(found.file)
    assert comparable(protobuf(found.normalized).file) == comparable(again)
    assert protobuf(found.normalized).normalized == found.normalized


def indexes(file: FileDescriptorProto) -> list[tuple[str, list[str]]]:
    """By what numbers the bytes of records name messages."""
    return [(name, [one.name for one in message.nested_type]) for name, message in messages(file)]


def without_order(file: FileDescriptorProto) -> list[object]:
    """What messages say, whatever the order of their fields and oneofs."""
    found: list[object] = []
    for name, message in messages(comparable(file)):
        oneofs = [one.name for one in message.oneof_decl]
        for field in sorted(message.field, key=lambda one: one.number):
            oneof = oneofs[field.oneof_index] if field.HasField("oneof_index") else None
            field.ClearField("oneof_index")
            found.append((name, oneof, str(field)))
    return found


PROTO2, PROTO3 = 'syntax = "proto2"; ', 'syntax = "proto3"; '


@pytest.mark.parametrize(
    "text, said",
    [
        (PROTO3 + "message A { int32 a = 1; int32 b = 1; }", "A.b: the number 1 is that of 'a' as well"),
        (PROTO3 + "message A { int32 a = 1; string a = 2; }", "'A.a' is defined twice"),
        (PROTO3 + "message A {} enum A { X = 0; }", "'A' is defined twice"),
        (PROTO3 + "enum A { X = 0; } enum B { X = 0; }", "'X' is defined twice"),
        (PROTO3 + "message A { int32 a = 0; }", "the number of field 'a' is 0, must be 1..536870911"),
        (PROTO3 + "message A { int32 a = 536870912; }", "is 536870912"),
        (PROTO3 + "message A { int32 a = 19001; }", "the number 19001 is kept for Protocol Buffers itself"),
        (PROTO3 + "message A { int32 a = -1; }", "line 1, column 42: expected the number of field 'a'"),
        (PROTO3 + "message A { int33 a = 1; }", "A.a: there is no type 'int33'"),
        (PROTO3 + "message A { B.C a = 1; } message B {}", "A.a: 'B.C' stands for 'B.C' here"),
        (PROTO3 + "message A { A.b a = 1; int32 b = 2; }", "no such type"),
        (PROTO3 + "message A { .B a = 1; }", "there is no type '.B'"),
        (PROTO3 + "message A { reserved 1 to 5; int32 a = 3; }", "A.a: the number 3 is reserved"),
        (PROTO3 + 'message A { reserved "a"; int32 a = 3; }', "A.a: the name 'a' is reserved"),
        (PROTO3 + "message A { reserved 5 to 1; }", "the range 5 to 1 ends before it begins"),
        (PROTO3 + "message A { reserved 1 to 5, 5; }", "the range 5 to 5 overlaps"),
        (PROTO3 + 'message A { reserved "a", "a"; }', "the name 'a' is reserved twice"),
        (PROTO3 + "enum A { X = 1; }", "A.X: the first value of an enum of proto3 must be 0"),
        (PROTO3 + "enum A { X = 0; Y = 0; }", "A.Y: the number 0 is that of 'X' as well"),
        (PROTO3 + "enum A { X = 0; reserved 0 to 3; }", "A.X: the number 0 is reserved"),
        (PROTO3 + "enum A { X = 2147483648; }", "is 2147483648"),
        (PROTO3 + "enum A { }", "the enum 'A' has no value"),
        (PROTO3 + "message A { oneof o { } }", "the oneof 'o' has no field"),
        (PROTO3 + "message A { oneof o { repeated int32 a = 1; } }", "a field of the oneof 'o' has no label"),
        (PROTO3 + "message A { oneof o { map<int32, int32> a = 1; } }", "cannot have a map"),
        (PROTO3 + "message A { map<float, int32> a = 1; }", "the key of a map is 'float'"),
        (PROTO3 + "message A { map<A, int32> a = 1; }", "the key of a map is 'A'"),
        (PROTO3 + "message A { repeated map<int32, int32> a = 1; }", "a map has no label"),
        (PROTO3 + "message A { required int32 a = 1; }", "proto3 has no required fields"),
        (PROTO3 + "message A { int32 a = 1 [default = 3]; }", "proto3 has no defaults"),
        (PROTO3 + "message A { repeated group G = 1 {} }", "proto3 has no groups"),
        (PROTO3 + "message A { extensions 1 to 3; }", "proto3 has no ranges of extensions"),
        (PROTO3 + "message A { int32 a = 1; } extend A { int32 b = 2; }", "proto3 extends nothing but options"),
        (PROTO3 + "message A { int32 foo_bar = 1; int32 fooBar = 2; }", "in JSON its name is 'fooBar'"),
        (PROTO2 + "message A { int32 a = 1; }", "expected 'optional', 'required' or 'repeated'"),
        (PROTO2 + "message A { optional int32 a = 1 [default = x]; }", "the default of field 'a'"),
        (PROTO2 + "message A { optional int32 a = 1 [default = 2147483648]; }", "is 2147483648"),
        (PROTO2 + "message A { optional A a = 1 [default = x]; }", "A.a: a field of a message has no default"),
        (PROTO2 + "message A { repeated int32 a = 1 [default = 1]; }", "is repeated and has no default"),
        (PROTO2 + "message A { optional group g = 1 {} }", "the group 'g' must begin with a capital"),
        (PROTO2 + "message A { extensions 1 to 5; optional int32 a = 3; }", "the number 3 is left to extensions"),
        (PROTO3 + 'import "nowhere.proto";', "import 'nowhere.proto': no reference has this name"),
        (PROTO3 + 'import "google/protobuf/any.proto"; import "google/protobuf/any.proto";', "is imported twice"),
        (PROTO3 + "package a; package b;", "a second package"),
        (PROTO3 + "option java_multiple_files = 3;", "option 'java_multiple_files' must be true or false"),
        (PROTO3 + "option optimize_for = FAST;", "must be one of SPEED"),
        (PROTO3 + "service S { rpc R (int32) returns (A); } message A {}", "S.R: there is no type 'int32'"),
        (PROTO3 + "enum E { X = 0; } service S { rpc R (E) returns (E); }", "'E' is an enum, must be a message"),
        ('syntax = "proto4";', "the syntax is 'proto4'"),
        (PROTO3 + "message A { int32 a = 1 }", "line 1, column 44: expected ';'"),
        (PROTO3 + "message A {\n  int32 a = ;\n}", "line 2, column 13"),
        (PROTO3 + "message A {", "found the end of the file"),
        (PROTO3 + 'message A { string a = 1 [json_name = "x]; }', "a string without an end"),
        (PROTO3 + "/* message A {}", "a comment without an end"),
        (PROTO3 + "message A { int32 a = 1x; }", "'1x' is no number"),
        (PROTO3 + "message A { int32 a = 09; }", "'09' is no number"),
        (PROTO3 + "§", "no token of a .proto file"),
        (PROTO3 + "massage A {}", "expected 'import' or 'package'"),
    ],
)
def test_what_protoc_refuses_is_refused_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSchemaError) as refused:
        protobuf(text)

    assert said in str(refused.value)
    assert descriptor(text, tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "message A { optional int32 a = 1; }",
        PROTO2 + "message A { required string s = 1 [default = 'it''s' \"\\u00e9\\U0001F600\"]; }",
        PROTO3 + "message A { int32 a = 0x1F; int32 b = 010; };;",
        PROTO3 + "message A { enum E { X = 0; } E e = 1; E X2 = 2; }",
        PROTO3 + "message A { message A { A a = 1; } A a = 1; }",
        PROTO3 + "enum E { option allow_alias = true; X = 0; Y = 0; }",
        PROTO3 + 'import "google/protobuf/struct.proto"; message A { google.protobuf.Value v = 1; }',
        PROTO3 + "package google.shop; message A { google.shop.A a = 1; }",
        PROTO2 + "message A { extensions 4; } extend A { optional string a = 4; }",
        "\ufeff" + PROTO3 + "message A {}",
    ],
)
def test_what_protoc_takes_is_read_as_by_it(text: str, tmp_path: Path) -> None:
    wanted = descriptor(text, tmp_path)

    assert wanted is not None
    assert protobuf(text).file == wanted


def test_editions_are_refused_by_name() -> None:
    with pytest.raises(InvalidSchemaError, match="editions are not read"):
        protobuf('edition = "2023"; message A {}')
