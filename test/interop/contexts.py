"""What is signed, hashed, derived from, or a label: PROTOCOL.md section 6, "What is signed or hashed"."""

import hashlib

import msgpack
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def raw_context(purpose, raw=b""):
    """C(purpose, raw)."""
    return b"conclave/v1/" + purpose.encode("ascii") + b"\0" + raw


def context(purpose, fields):
    """C(purpose, [fields])."""
    return raw_context(purpose, msgpack.packb(fields))


def sha256(data):
    """H of what was transmitted, as it was transmitted."""
    return hashlib.sha256(data).digest()


def hkdf(secret, info, length=32, salt=None):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
