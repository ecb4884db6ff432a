"""What is signed, hashed, derived from, or a label: PROTOCOL.md section 6, "What is signed or hashed"."""

import hashlib

import msgpack


def raw_context(purpose, raw=b""):
    """C(purpose, raw)."""
    return b"conclave/v1/" + purpose.encode("ascii") + b"\0" + raw


def context(purpose, fields):
    """C(purpose, [fields])."""
    return raw_context(purpose, msgpack.packb(fields))


def sha256(data):
    """H of what was transmitted, as it was transmitted."""
    return hashlib.sha256(data).digest()
