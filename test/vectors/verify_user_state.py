"""The state of a user: PROTOCOL.md, section 18."""

import msgpack
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vector_tools import context, context_list, hkdf, load, pack, same, sha256, unhex

LAYOUT = 1


def padded(content):
    length = 4096
    while length <= len(content):
        length *= 2
    return content + b"\x80" + bytes(length - len(content) - 1)


def merged(one, other):
    """Of two states as they are decoded: [reads, levels, ignored, order]."""
    reads = dict(map(tuple, one[0]))
    for room, seq in other[0]:
        reads[room] = max(seq, reads.get(room, 0))

    def later(first, second):
        return max(first, second, key=lambda change: (change[-2], change[-1]))

    def joined(entries, others):
        known = {entry[0]: entry for entry in entries}
        for entry in others:
            known[entry[0]] = later(known.get(entry[0], entry), entry)
        return [known[key] for key in sorted(known)]

    in_order = [[room, reads[room]] for room in sorted(reads)]
    return [in_order, joined(one[1], other[1]), joined(one[2], other[2]), later(one[3], other[3])]


def verify_user_state():
    vectors = load("user-state")
    alice = load("keys")["alice"]
    key = hkdf(unhex(alice["ed25519_seed"]), b"", context("state-key"), 32)
    same("key", key.hex(), vectors["key"])
    place = vectors["place"]
    data = context_list("state", [place["origin"], unhex(place["user"]), place["version"], LAYOUT])
    same("context", data.hex(), place["context"])
    nonce = unhex(vectors["nonce"])
    states = {}
    for vector in vectors["states"]:
        content = unhex(vector["content"])
        states[vector["called"]] = msgpack.unpackb(content)
        same("shortest form", pack(states[vector["called"]]), content)
        sealed = bytes([LAYOUT]) + nonce + AESGCM(key).encrypt(nonce, padded(content), data)
        same("sealed", sha256(sealed).hex(), vector["sealed_sha256"])
    for first, second in (("one", "other"), ("other", "one")):
        same("merged", merged(states[first], states[second]), states["merged"])
    same("merged with nothing", merged(states["merged"], states["empty"]), states["merged"])
    return len(states)
