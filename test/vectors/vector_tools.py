"""What every check of the vectors needs: contexts, keys, and the primitives of the protocol."""

import hashlib
import json
import math
import pathlib

import msgpack
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = pathlib.Path(__file__).parent
pack = msgpack.packb
unhex = bytes.fromhex


class Difference(Exception):
    pass


def same(what, found, wanted):
    if found != wanted:
        raise Difference(f"{what}: computed {found!r}, the vector has {wanted!r}")


def load(name):
    return json.loads((HERE / f"{name}.json").read_text("utf-8"))


def sha256(data):
    return hashlib.sha256(data).digest()


# Contexts and keys.


def context(purpose, raw=b""):
    return b"conclave/v1/" + purpose.encode("ascii") + b"\0" + raw


def context_list(purpose, fields):
    return context(purpose, pack(fields))


def rsa_private(person):
    return serialization.load_der_private_key(unhex(person["rsa_pkcs8"]), None)


def oaep(label):
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)


def check_pss(spki, signature, data):
    key = serialization.load_der_public_key(spki)
    key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def check_ed25519(public, signature, data):
    ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)


def check_pair(spki, public, pair, data):
    same("length of a signature pair", len(pair), 320)
    check_pss(spki, pair[:256], data)
    check_ed25519(public, pair[256:], data)


def publics(person):
    return unhex(person["rsa_spki"]), unhex(person["ed25519_public"])


def plaintext_bytes(content):
    needed = 64 + content + 1
    if needed > 4096:
        return math.ceil(needed / 4096) * 4096
    return max(64, 1 << (needed - 1).bit_length())


def pad(content):
    length = plaintext_bytes(len(content)) - 64
    return content + b"\x80" + bytes(length - len(content) - 1)


HEADER_IDS = ("message_id", "room", "sender", "sender_fingerprint", "chain")


def header_bytes(f):
    ids = [unhex(f[name]) for name in HEADER_IDS]
    seen = [f["seen_position"], unhex(f["seen_hash"])] if f["layout"] >= 2 else []
    epoch = [f["epoch"], unhex(f["record_hash"]), unhex(f["salt"])] if f["layout"] == 3 else []
    return pack(
        [f["layout"], f["suite"], *ids, f["number"], unhex(f["previous_hash"]), f["roster_version"]]
        + [unhex(f["recipients"]), f["password_number"], f["sent_at"], *seen, *epoch, unhex(f["commitment"])]
    )


def hkdf(secret, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt or None, info).derive(secret)
