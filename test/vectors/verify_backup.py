"""Backups and links: PROTOCOL.md, section 16."""

import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vector_tools import context, context_list, hkdf, load, same, sha256, unhex

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STEP = 16 * 1024


def times_x(value):
    value <<= 1
    return value ^ 0b100101 if value > 31 else value


def weighed(values):
    total = 0
    for value in values:
        total = times_x(total) ^ value
    return total


def letters_of(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    return "".join(LETTERS[int(bits[at : at + 5], 2)] for at in range(0, len(bits) - 4, 5))


def recovery_code(random):
    letters = letters_of(random)[:23]
    values = [LETTERS.index(letter) for letter in letters]
    code = letters + next(check for check in LETTERS if weighed([*values, LETTERS.index(check)]) == 0)
    return "-".join(code[at : at + 4] for at in range(0, 24, 4))


def is_code(text):
    letters = text.replace("-", "")
    return len(letters) == 24 and weighed([LETTERS.index(letter) for letter in letters]) == 0


def padded(content):
    length = -(-(len(content) + 1) // STEP) * STEP
    return content + b"\x80" + bytes(length - len(content) - 1)


def verify_backup():
    vectors = load("backup")
    for vector in vectors["codes"]:
        same("code", recovery_code(unhex(vector["random"])), vector["code"])
    for text in vectors["refused"]:
        same(f"{text} refused", is_code(text), False)
    keys, place = vectors["keys"], vectors["place"]
    salt = context_list("recovery", [keys["origin"], keys["username"]])
    same("salt", salt.hex(), keys["salt"])
    code = keys["code"].encode("ascii")
    secret = hashlib.scrypt(code, salt=salt, n=2**15, r=8, p=1, dklen=32, maxmem=64 * 1024 * 1024)
    key = hkdf(secret, b"", context("backup-key"), 32)
    token = hkdf(secret, b"", context("backup-token"), 32)
    same("key", key.hex(), keys["key"])
    same("token", token.hex(), keys["token"])
    same("stored", sha256(token).hex(), keys["stored"])
    data = context_list("backup", [place["origin"], unhex(place["user"]), place["version"], place["sequence"]])
    same("context", data.hex(), place["context"])
    for vector in vectors["sealed"]:
        content, nonce = unhex(vector["content"]) * vector["repeated"], unhex(vector["nonce"])
        sealed = nonce + AESGCM(key).encrypt(nonce, padded(content), data)
        same("sealed", sha256(sealed).hex(), vector["sealed_sha256"])
    return len(vectors["codes"]) + len(vectors["refused"]) + len(vectors["sealed"]) + 1


def verify_link():
    vector = load("link")
    channel = sha256(context("link-channel", vector["code"].encode("ascii")))[:16]
    same("channel", channel.hex(), vector["channel"])
    old, fresh = unhex(vector["old"]["share"]), unhex(vector["fresh"]["share"])
    secrets = set()
    for name, own, other in (("old", old, fresh), ("fresh", fresh, old)):
        private = X25519PrivateKey.from_private_bytes(unhex(vector[name]["scalar"]))
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        same(f"{name}: key", private.public_key().public_bytes(*raw), own[:32])
        secrets.add(private.exchange(X25519PublicKey.from_public_bytes(other[:32])))
    same("secrets", len(secrets), 1)
    secret = secrets.pop()
    commit = sha256(context("link-commit", fresh))
    same("commit", commit.hex(), vector["commit"])
    same("letters of the key", letters_of(sha256(fresh[:32])), vector["fresh"]["key_letters"])
    data = context_list("link", [vector["origin"], channel, commit, old, fresh])
    same("transcript input", data.hex(), vector["transcript_input"])
    transcript = sha256(data)
    same("transcript", transcript.hex(), vector["transcript"])
    number = int.from_bytes(hkdf(secret, b"", context("link-digits", transcript), 8), "big")
    same("digits", f"{number % 10**6:06}", vector["digits"])
    same("key", hkdf(secret, b"", context("link-key", transcript), 32).hex(), vector["key"])
    same("account context", context("link-account", transcript).hex(), vector["account_context"])
    return 1
