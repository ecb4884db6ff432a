"""Makes and opens epochs for the test beside it: one JSON list of cases comes in, one list of answers goes out."""

import json
import sys
from copy import copy
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import content
import epoch_messages
import epochs
import message
from epoch_wraps import BadEpoch, Member, Reader
from frames import Copy
from identity import Keys, fingerprint_of
from prekeys import seed_of
from x_wing import public_key

unhex = bytes.fromhex
CHAIN = b"\xcc" * 16
MESSAGE = b"\xdd" * 16
TIME = 1_790_000_000_000
WEEKS = 3


class StoredKeys(Keys):
    """The keys of a person of the vectors."""

    def __init__(self, rsa_pkcs8, ed25519_seed):
        self.rsa = serialization.load_der_private_key(unhex(rsa_pkcs8), None)
        self.signing = ed25519.Ed25519PrivateKey.from_private_bytes(unhex(ed25519_seed))
        der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self.spki = self.rsa.public_key().public_bytes(*der)
        self.public = self.signing.public_key().public_bytes_raw()
        self.fingerprint = fingerprint_of(self.spki, self.public)


@cache
def loaded(rsa_pkcs8, ed25519_seed):
    """Once for each person: a private RSA key is checked as it is loaded, which takes long."""
    return StoredKeys(rsa_pkcs8, ed25519_seed)


def keys_of(person, chain_key):
    keys = copy(loaded(person["rsa_pkcs8"], person["ed25519_seed"]))
    keys.chain_key = unhex(chain_key)
    return keys


def open_case(case):
    keys = keys_of(case["reader"], case["chain_key"])
    user, room, sender = (unhex(case[name]) for name in ("user", "room", "sender"))
    data, wrap, path = (unhex(case[name]) for name in ("record", "wrap", "path"))
    public = unhex(case["committer"]["ed25519_public"])
    try:
        record = epochs.read_record(data, room)
        epochs.check_server(record, wrap, path, (case["index"], case["count"]), user, public)
        epoch = epochs.open_epoch(record, wrap, Reader(user, keys, WEEKS))
    except BadEpoch as bad:
        return {"fault": bad.fault, "why": str(bad)}
    copy_of_message = Copy(1, TIME, sender, unhex(case["header"]), unhex(case["ciphertext"]), b"")
    header = message.read_header(copy_of_message.header, room, sender)
    epoch_messages.check(header, epoch)
    content_keys = epoch_messages.content_keys(epoch, unhex(case["secret"]), header)
    padded = message.open_padded(copy_of_message, header, content_keys, public)
    return {"key": epoch.key.hex(), "text": message.read_padded(padded)["text"]}


def make_case(case):
    keys = keys_of(case["committer"], case["chain_key"])
    members = []
    for member in case["members"]:
        person, week = keys_of(member["person"], case["chain_key"]), member["week"]
        prekey = public_key(seed_of(person.chain_key, week)) if week else b""
        members.append(Member(unhex(member["user"]), person.fingerprint, person.spki, week, prekey))
    room, sender, secret = (unhex(case[name]) for name in ("room", "sender", "secret"))
    password = 5 if secret else 0
    data, key, rows = epochs.make(
        keys, members, room, 1, b"", 12, password, case["keying"], sender, 1, TIME
    )
    epoch = epochs.Epoch(epochs.read_record(data, room), key)
    sealed = epoch_messages.seal(
        keys,
        epoch,
        secret,
        content.text(case["text"]),
        message=MESSAGE,
        sender=sender,
        chain=CHAIN,
        number=0,
        previous=b"",
        sent_at=TIME,
        seen_position=0,
        seen_hash=b"",
    )
    return {
        "record": data.hex(),
        "key": key.hex(),
        "rows": [[user.hex(), wrap.hex(), path.hex()] for user, wrap, path in rows],
        "header": sealed.header.hex(),
        "ciphertext": sealed.ciphertext.hex(),
    }


def main():
    cases = json.load(sys.stdin)
    json.dump([{"open": open_case, "make": make_case}[case["do"]](case) for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
