"""Makes and opens epochs for the test beside it: one JSON list of cases comes in, one list of answers goes out."""

import json
import sys
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import epochs
from contexts import sha256
from identity import fingerprint_of

unhex = bytes.fromhex
CHAIN = b"\xcc" * 16
MESSAGE = b"\xdd" * 16
TIME = 1_790_000_000_000


class StoredKeys:
    """The keys of a person of the vectors."""

    def __init__(self, rsa_pkcs8, ed25519_seed):
        self.rsa = serialization.load_der_private_key(unhex(rsa_pkcs8), None)
        self.signing = ed25519.Ed25519PrivateKey.from_private_bytes(unhex(ed25519_seed))
        der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self.spki = self.rsa.public_key().public_bytes(*der)
        self.public = self.signing.public_key().public_bytes_raw()
        self.fingerprint = fingerprint_of(self.spki, self.public)

    def sign(self, data):
        return self.signing.sign(data)


@cache
def loaded(rsa_pkcs8, ed25519_seed):
    """Once for each person: a private RSA key is checked as it is loaded, which takes long."""
    return StoredKeys(rsa_pkcs8, ed25519_seed)


def keys_of(person):
    return loaded(person["rsa_pkcs8"], person["ed25519_seed"])


def open_case(case):
    keys = keys_of(case["reader"])
    user, chain_key = unhex(case["user"]), unhex(case["chain_key"])
    reader = epochs.Reader(user, keys.fingerprint, keys.rsa, chain_key)
    public = unhex(case["committer"]["ed25519_public"])
    parts = [unhex(case[name]) for name in ("record", "wrap")]
    path = unhex(case["path"])
    try:
        epoch = epochs.open_epoch(*parts, case["index"], case["count"], path, reader, unhex(case["room"]), public)
    except epochs.BadEpoch as bad:
        return {"fault": bad.fault, "why": str(bad)}
    secret = unhex(case["secret"])
    text = epochs.open_message(unhex(case["header"]), unhex(case["ciphertext"]), epoch, secret, public)
    return {"key": epoch.key.hex(), "text": text}


def make_case(case):
    keys = keys_of(case["committer"])
    members = []
    for member in case["members"]:
        person = keys_of(member["person"])
        week = member["week"]
        prekey = epochs.public_key(epochs.seed_of(unhex(case["chain_key"]), week)) if week else b""
        members.append(epochs.Member(unhex(member["user"]), person.fingerprint, person.spki, week, prekey))
    room, sender = unhex(case["room"]), unhex(case["sender"])
    password = 5 if case["secret"] else 0
    record, key, rows = epochs.make(
        keys, members, room, 1, b"", 12, password, case["keying"], sender, 1, TIME
    )
    recipients = epochs.context("recipients", sorted([member.user, member.fingerprint] for member in members))
    epoch = epochs.Epoch(1, 12, sha256(recipients), password, sha256(record), key)
    secret = unhex(case["secret"])
    header, ciphertext = epochs.seal(
        keys, epoch, secret, case["text"], room, sender, CHAIN, 0, MESSAGE, b"", TIME
    )
    return {
        "record": record.hex(),
        "key": key.hex(),
        "rows": [[user.hex(), data.hex(), path.hex()] for user, data, path in rows],
        "header": header.hex(),
        "ciphertext": ciphertext.hex(),
    }


def main():
    cases = json.load(sys.stdin)
    json.dump([{"open": open_case, "make": make_case}[case["do"]](case) for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
