"""Safetensors in NumPy: eight bytes with the header's length, the header, which is JSON, and the numbers, one behind the other."""

import json
import struct

import numpy as np

TYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def read(path):
    """The tensors of a file by their names, in float64, and its metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        numbers = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        values = np.frombuffer(numbers[begin:end], TYPES[info["dtype"]])
        tensors[name] = values.reshape(info["shape"]).astype(np.float64)
    return tensors, metadata


def write(path, tensors):
    """Writes tensors by their names, in float64."""
    header, numbers, end = {}, [], 0
    for name, values in tensors.items():
        data = np.ascontiguousarray(values, TYPES["F64"]).tobytes()
        header[name] = {"dtype": "F64", "shape": list(np.shape(values)), "data_offsets": [end, end + len(data)]}
        numbers.append(data)
        end += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of 8
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(numbers))
