"""protoc, asked what a .proto file says."""

from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

INCLUDED = Path(grpc_tools.__file__).parent / "_proto"
NAME = "schema.proto"


def descriptor(text: str, folder: Path) -> FileDescriptorProto | None:
    """Give the descriptor; None if protoc refuses the text."""
    (folder / NAME).write_text(text, encoding="utf-8")
    written = folder / "written"
    status = protoc.main(["protoc", f"-I{folder}", f"-I{INCLUDED}", f"--descriptor_set_out={written}", NAME])
    return FileDescriptorSet.FromString(written.read_bytes()).file[0] if status == 0 else None
