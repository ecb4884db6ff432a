"""Files: PROTOCOL.md section 15."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vector_tools import context, hkdf, load, same, sha256, unhex

CHUNK = 262_144


def padded_bytes(size):
    length = max(size, 256)
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def verify_files():
    vectors = load("files")
    for vector in vectors["padding"]:
        padded = padded_bytes(vector["size"])
        same(f"padding of {vector['size']}", padded, vector["padded"])
        same(f"stored bytes of {vector['size']}", padded + 16 * -(-padded // CHUNK), vector["stored"])
    same("info", context("file").hex(), vectors["info"])
    for vector in vectors["files"]:
        verify_file(vector, unhex(vectors["file"]), unhex(vectors["key"]))
    return len(vectors["padding"]) + sum(len(vector["chunks"]) for vector in vectors["files"])


def verify_file(vector, file, key):
    content = bytes(i * 31 % 251 for i in range(vector["size"]))
    same("hash", sha256(content).hex(), vector["hash"])
    salt = file + sha256(content)
    same("salt", salt.hex(), vector["salt"])
    chunk_key = hkdf(key, salt, context("file"), 32)
    padded = content + bytes(padded_bytes(len(content)) - len(content))
    count = -(-len(padded) // CHUNK)
    same("chunks", len(vector["chunks"]), count)
    for number, chunk in enumerate(vector["chunks"]):
        nonce = number.to_bytes(12, "big")
        data = context("file-chunk", file + number.to_bytes(4, "big") + bytes([number == count - 1]))
        same("nonce", nonce.hex(), chunk["nonce"])
        same("data", data.hex(), chunk["data"])
        sealed = AESGCM(chunk_key).encrypt(nonce, padded[number * CHUNK : (number + 1) * CHUNK], data)
        same("length", len(sealed), chunk["length"])
        same("sealed", sha256(sealed).hex(), chunk["sealed_sha256"])
