#!/usr/bin/env python3
"""Checks every vector file without any code of this project.

    pip install 'cryptography>=48' msgpack
    python3 test/vectors/verify.py

Needs Python 3.10. Prints one line for each file; the exit code is 1 when anything differs.
"""

import hashlib
import hmac
import sys
import unicodedata
from functools import partial

import msgpack
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from frame_scan import Refused, Scan, frame_ends
from vector_tools import (
    HERE,
    Difference,
    check_ed25519,
    check_pair,
    context,
    context_list,
    header_bytes,
    hkdf,
    load,
    oaep,
    pack,
    pad,
    plaintext_bytes,
    publics,
    rsa_private,
    same,
    sha256,
    unhex,
)
from verify_backup import verify_backup, verify_link
from verify_contacts import verify_contacts
from verify_epochs import verify_epochs, verify_x_wing
from verify_files import verify_files
from verify_room_life import verify_room_life
from verify_user_state import verify_user_state


def verify_keys():
    people = load("keys")
    for name, person in people.items():
        private = rsa_private(person)
        same(f"{name}: modulus bits", private.key_size, 2048)
        same(f"{name}: exponent", private.public_key().public_numbers().e, 65537)
        der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        same(f"{name}: SPKI", private.public_key().public_bytes(*der).hex(), person["rsa_spki"])
        signing = ed25519.Ed25519PrivateKey.from_private_bytes(unhex(person["ed25519_seed"]))
        same(f"{name}: Ed25519 key", signing.public_key().public_bytes_raw().hex(), person["ed25519_public"])
        data = context_list("fingerprint", list(publics(person)))
        same(f"{name}: fingerprint input", data.hex(), person["fingerprint_input"])
        same(f"{name}: fingerprint", sha256(data).hex(), person["fingerprint"])
    return len(people)


def verify_identity():
    vectors = load("identity")
    before = None
    for vector in vectors["documents"]:
        spki, public = publics(vector)
        document = pack(
            [
                vector["version"],
                vector["username"],
                spki,
                public,
                vector["sequence"],
                unhex(vector["previous_hash"]),
                vector["created_at"],
            ]
        )
        same("document", document.hex(), vector["document"])
        same("hash", sha256(document).hex(), vector["document_hash"])
        own = context("identity", sha256(document))
        successor = context("identity-successor", sha256(document))
        same("own input", own.hex(), vector["own_signature_input"])
        same("successor input", successor.hex(), vector["successor_signature_input"])
        signatures = unhex(vector["signatures"])
        check_pair(spki, public, signatures[:320], own)
        if before is None:
            same("previous hash", vector["previous_hash"], "")
            same("signatures", len(signatures), 320)
        else:
            same("sequence", vector["sequence"], before["sequence"] + 1)
            same("previous hash", vector["previous_hash"], before["document_hash"])
            check_pair(*publics(before), signatures[320:], successor)
        before = vector
    valid = {vector["document"] for vector in vectors["documents"]}
    for vector in vectors["invalid"]:
        same(vector["why"], vector["document"] in valid, False)
        same(vector["why"], document_reason(unhex(vector["document"])), vector["reason"])
    return len(vectors["documents"]) + len(vectors["invalid"])


SPKI_BEFORE = unhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")


def document_reason(data):
    try:
        fields = msgpack.unpackb(data)
    except ValueError:
        return "malformed"
    if not isinstance(fields, list):
        return "malformed"
    if fields and isinstance(fields[0], int) and fields[0] != 1:
        return "unsupported_version"
    if len(fields) != 7 or pack(fields) != data:
        return "malformed"
    _, name, spki, public, sequence, previous, _ = fields
    good_name = name.isascii() and name.isalnum() and 3 <= len(name) <= 20
    good_key = spki.startswith(SPKI_BEFORE) and spki.endswith(unhex("0203010001")) and len(spki) == 294
    good_key = good_key and spki[33] >= 0x80 and spki[288] % 2 == 1
    good_rest = good_signing_key(public) and len(previous) == (32 if sequence else 0)
    return "ok" if good_name and good_key and good_rest else "malformed"


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def good_signing_key(public):
    """32 bytes, y below p, and not a point whose order divides 8. Points off the curve fail at their signature."""
    if len(public) != 32:
        return False
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y < P and not is_small_order(y)


def is_small_order(y):
    """The double of a point of -x^2 + y^2 = 1 + d x^2 y^2 has y' = (y^2 + x^2) / (2 + x^2 - y^2), and x^2 comes from y."""
    for _ in range(3):
        x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        y = (y * y + x_squared) * pow(2 + x_squared - y * y, -1, P) % P
    return y == 1


def verify_connection():
    vectors = load("connection")
    person = load("keys")[vectors["signer"]]
    spki, public = publics(person)
    nonces = [unhex(vectors["client_nonce"]), unhex(vectors["server_nonce"])]
    origin = vectors["origin"]

    register = vectors["register"]
    data = context_list("register", [origin, *nonces, sha256(unhex(register["document"]))])
    same("register input", data.hex(), register["input"])
    check_pair(spki, public, unhex(register["proof"]), data)

    login = vectors["login"]
    fields = [origin, login["username"], *nonces, login["expires"]]
    label = context_list("login-challenge", fields)
    same("login label", label.hex(), login["label"])
    secret = rsa_private(person).decrypt(unhex(login["challenge"]), oaep(label))
    same("login secret", secret.hex(), login["secret"])
    data = context_list("login-answer", fields)
    same("login answer input", data.hex(), login["answer_input"])
    same("login mac", hmac.digest(secret, data, "sha256").hex(), login["mac"])

    resume = vectors["resume"]
    data = context_list("resume", [sha256(unhex(resume["token"])), origin, *nonces])
    same("resume input", data.hex(), resume["input"])
    check_ed25519(public, unhex(resume["signature"]), data)

    for act in vectors["acts"]:
        data = context_list("act", [act["act"], origin, *nonces])
        same(f"{act['act']} input", data.hex(), act["input"])
        check_ed25519(public, unhex(act["signature"]), data)
    return 3 + len(vectors["acts"])


def is_padding(padded):
    stripped = padded.rstrip(b"\0")
    return stripped.endswith(b"\x80") and pad(stripped[:-1]) == padded


KINDS = {"message": 1, "edit": 2, "retract": 3, "react": 4, "remove": 5}
IDS, ID_LISTS = ("of", "re", "file", "key", "hash", "thumbnail"), ("mentions",)
FILE_ORDER = ("file", "key", "name", "type", "size", "hash", "width", "height", "thumbnail")


def content_of(fields):
    def packed(body):
        return {
            name: unhex(value)
            if name in IDS
            else [unhex(each) for each in value]
            if name in ID_LISTS
            else packed(value)
            if name == "body"
            else [packed_file(each) for each in value]
            if name == "files"
            else value
            for name, value in body.items()
            if name != "type"
        }

    def packed_file(fields):
        file = packed({**fields, "type": None}) | {"type": fields["type"]}
        return {name: file[name] for name in FILE_ORDER if name in file}

    body = packed(fields)
    # Maps are packed in the order of PROTOCOL.md.
    order = ("text", "re", "mentions", "files", "expires", "of", "body", "emoji", "add", "why", "fallback")
    return pack([KINDS[fields["type"]], {name: body[name] for name in order if name in body}])


def text_up_to(byte_count):
    return lambda value: isinstance(value, str) and len(value.encode()) <= byte_count


def is_why(value):
    return isinstance(value, str) and len(value.encode("utf-16-le")) <= 2 * 200


def is_reaction(value):
    controls = [unicodedata.category(char) for char in value] if text_up_to(32)(value) else ["Cc"]
    return controls != [] and all(category != "Cc" and category[0] != "Z" for category in controls)


def is_id(value):
    return isinstance(value, bytes) and len(value) == 16


def are_ids(value):
    return isinstance(value, list) and len(value) <= 100 and all(is_id(each) for each in value)


def is_bytes(least, most):
    return lambda value: isinstance(value, bytes) and least <= len(value) <= most


def is_number(most, least=0):
    return lambda value: type(value) is int and least <= value <= most


FILE = {
    "file": (is_id, True),
    "key": (is_bytes(32, 32), True),
    "name": (text_up_to(255), True),
    "type": (text_up_to(127), True),
    "size": (is_number(65_536 * 262_160), True),
    "hash": (is_bytes(32, 32), True),
    "width": (is_number(1_000_000), False),
    "height": (is_number(1_000_000), False),
    "thumbnail": (is_bytes(0, 2048), False),
}

SKIPPED_IF_UNFIT = ("thumbnail",)


def are_files(value):
    return isinstance(value, list) and len(value) <= 10 and all(fitting(each, FILE) is not None for each in value)


WORDING = {
    "text": (text_up_to(16384), True),
    "re": (is_id, False),
    "mentions": (are_ids, False),
    "files": (are_files, False),
    "expires": (is_number(31_536_000, least=5), False),
}
FALLBACK = {"fallback": (text_up_to(1024), False)}
SHAPES = {
    "message": WORDING,
    "edit": {"of": (is_id, True), "body": (lambda value: fitting(value, WORDING) is not None, True), **FALLBACK},
    "retract": {"of": (is_id, True), **FALLBACK},
    "react": {
        "of": (is_id, True),
        "emoji": (is_reaction, True),
        "add": (lambda value: isinstance(value, bool), True),
        **FALLBACK,
    },
    "remove": {"of": (is_id, True), "why": (is_why, False), **FALLBACK},
}


def fitting(body, shape):
    """The known fields with ids in hexadecimal; None when one is missing or does not fit."""
    if not isinstance(body, dict):
        return None
    fields = {}
    for name, (fits, needed) in shape.items():
        if name not in body:
            if needed:
                return None
            continue
        value = body[name]
        if not fits(value):
            if name in SKIPPED_IF_UNFIT:
                continue
            return None
        if name == "body":
            value = fitting(value, WORDING)
        elif name in IDS:
            value = value.hex()
        elif name in ID_LISTS:
            value = [each.hex() for each in value]
        elif name == "files":
            value = [fitting(each, FILE) for each in value]
        fields[name] = value
    return fields


def read_content(content):
    kind, body = msgpack.unpackb(content)
    if kind < 0:
        return None
    names = [name for name, number in KINDS.items() if number == kind]
    if not names:
        known = body.get("fallback") if isinstance(body, dict) else None
        return {"type": "unknown", **({"fallback": known} if text_up_to(1024)(known) else {})}
    fields = fitting(body, SHAPES[names[0]])
    return None if fields is None else {"type": names[0], **fields}


def verify_content():
    vectors = load("content")
    for vector in vectors["plaintext_bytes"]:
        same(f"plaintext for {vector['content']}", plaintext_bytes(vector["content"]), vector["plaintext"])
    for vector in vectors["contents"]:
        content = pack([0, vector["text"]])
        same("content", content.hex(), vector["content"])
        same("padded", pad(content).hex(), vector["padded"])
        same("padded, read back", is_padding(unhex(vector["padded"])), True)
    for vector in vectors["kinds"]:
        same("content of a kind", content_of(vector["fields"]).hex(), vector["content"])
        same("content of a kind, read", read_content(unhex(vector["content"])), vector["fields"])
    for vector in vectors["read"]:
        same(vector["why"], read_content(unhex(vector["content"])), vector["reads"])
    for vector in vectors["invalid_padding"]:
        same(vector["why"], is_padding(unhex(vector["padded"])), False)
    return sum(len(part) for part in vectors.values())


def verify_messages(name, layout):
    vectors = load(name)
    people = load("keys")
    recipients = sorted(vectors["recipients"], key=lambda each: each["user"])
    pairs = [[unhex(each["user"]), unhex(each["fingerprint"])] for each in recipients]
    recipients_input = context_list("recipients", pairs)
    same("recipients input", recipients_input.hex(), vectors["recipients_input"])
    same("content info", context("content").hex(), vectors["content_info"])
    same("commit input", context("commit").hex(), vectors["commit_input"])
    previous = b""
    for number, vector in enumerate(vectors["messages"]):
        fields = vector["header_fields"]
        same("layout", fields["layout"], layout)
        header = header_bytes(fields)
        same("header", header.hex(), vector["header"])
        same("header hash", sha256(header).hex(), vector["header_hash"])
        same("number", fields["number"], number)
        same("previous hash", fields["previous_hash"], previous.hex())
        same("recipients", fields["recipients"], sha256(recipients_input).hex())
        same("sender", fields["sender_fingerprint"], people[vectors["sender"]]["fingerprint"])
        verify_sealed(vector, header, recipients, people, vectors["sender"])
        previous = sha256(header)
    return len(vectors["messages"])


def verify_sealed(vector, header, recipients, people, sender):
    label = context("wrap", sha256(header))
    same("wrap label", label.hex(), vector["wrap_label"])
    wraps = unhex(vector["wraps"])
    same("length of wraps", len(wraps), 256 * len(recipients))
    for index, recipient in enumerate(recipients):
        wrap = wraps[256 * index : 256 * (index + 1)]
        opened = rsa_private(people[recipient["person"]]).decrypt(wrap, oaep(label))
        same("content key", opened.hex(), vector["content_key"])
    salt = unhex(vector["room_secret"])
    key = unhex(vector["content_key"])
    derived = hkdf(key, salt, context("content"), 76)
    same("derived", derived.hex(), vector["derived"])
    commitment = hmac.digest(derived[44:], context("commit"), "sha256")
    same("commitment", commitment.hex(), vector["commitment"])
    same("commitment in the header", commitment.hex(), vector["header_fields"]["commitment"])
    plaintext = AESGCM(derived[:32]).decrypt(derived[32:44], unhex(vector["ciphertext"]), header)
    same("plaintext", plaintext.hex(), vector["plaintext"])
    same("padded content", plaintext[64:].hex(), pad(pack([0, vector["text"]])).hex())
    data = context_list("message", [sha256(header), sha256(plaintext[64:])])
    same("signature input", data.hex(), vector["signature_input"])
    check_ed25519(publics(people[sender])[1], plaintext[:64], data)


def verify_room_password():
    vectors = load("room-password")
    for vector in vectors["passwords"]:
        normalised = unicodedata.normalize("NFKC", vector["password"]).encode("utf-8")
        same("normalised", normalised.hex(), vector["normalised"])
        memory = 64 * 1024 * 1024
        out = hashlib.scrypt(normalised, salt=unhex(vector["salt"]), n=2**15, r=8, p=1, dklen=64, maxmem=memory)
        same("proof", out[:32].hex(), vector["proof"])
        same("secret", out[32:].hex(), vector["secret"])
        data = context("room-proof", out[:32])
        same("stored input", data.hex(), vector["stored_input"])
        same("stored", sha256(data).hex(), vector["stored"])
    for password in vectors["refused"]:
        points = len(unicodedata.normalize("NFKC", password))
        same(f"{password!r} refused", 6 <= points <= 60, False)
    return len(vectors["passwords"]) + len(vectors["refused"])


def verify_safety_number():
    vectors = load("safety-number")
    for vector in vectors["pairs"]:
        ordered = sorted([unhex(vector["one"]), unhex(vector["other"])])
        data = context_list("safety-number", ordered)
        same("input", data.hex(), vector["input"])
        digest = hashlib.sha512(data).digest()
        groups = [int.from_bytes(digest[5 * i : 5 * i + 5], "big") % 100_000 for i in range(12)]
        same("number", " ".join(f"{group:05}" for group in groups), vector["number"])
    return len(vectors["pairs"])


def verify_scan():
    vectors = load("scan")
    caps = vectors["depth_max"], vectors["items_max"]
    for vector in vectors["valid"]:
        same(vector["frame"], Scan(unhex(vector["frame"]), *caps).reason(), "ok")
    for vector in vectors["invalid"]:
        same(vector["why"], Scan(unhex(vector["frame"]), *caps).reason(), vector["reason"])
    for vector in vectors["batches"]:
        ends = frame_ends(unhex(vector["message"]), caps, vectors["batch_frames_max"])
        frames = [unhex(vector["message"])[begin:end].hex() for begin, end in zip([0, *ends], ends)]
        same("batch", frames, vector["frames"])
    for vector in vectors["no_batches"]:
        try:
            reason = str(frame_ends(unhex(vector["message"]), caps, vectors["batch_frames_max"]))
        except Refused as refused:
            reason = str(refused)
        same(vector["why"], reason, vector["reason"])
    return sum(len(vectors[kind]) for kind in ("valid", "invalid", "batches", "no_batches"))


FILES = {
    "keys": verify_keys,
    "identity": verify_identity,
    "connection": verify_connection,
    "content": verify_content,
    "files": verify_files,
    "message": partial(verify_messages, "message", 1),
    "message-layout-2": partial(verify_messages, "message-layout-2", 2),
    "x-wing": verify_x_wing,
    "epochs": verify_epochs,
    "room-password": verify_room_password,
    "backup": verify_backup,
    "link": verify_link,
    "contacts": verify_contacts,
    "room-life": verify_room_life,
    "user-state": verify_user_state,
    "safety-number": verify_safety_number,
    "scan": verify_scan,
}


def main():
    failures = 0
    for path in sorted(HERE.glob("*.json")):
        if path.stem not in FILES:
            print(f"{path.name}: nothing here verifies this file")
            failures += 1
    for name, verify in FILES.items():
        try:
            print(f"{name}.json: ok, {verify()} vectors")
        except (Difference, InvalidSignature, KeyError, ValueError, OSError) as fault:
            print(f"{name}.json: FAILED: {type(fault).__name__} {fault}")
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
