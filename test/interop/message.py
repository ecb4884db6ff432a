"""One message sealed and opened: PROTOCOL.md section 9, and of section 14 its header and opening."""

import hmac
import os
from dataclasses import dataclass

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from content import Malformed, read
from contexts import context, hkdf, raw_context, sha256
from identity import SIGNATURE_BYTES, oaep, signature_holds

PLAINTEXT_STEP_BYTES = 4096
SENDER_TIME_SKEW_MS = 86_400_000
HEADER_FIELDS = {1: 12, 2: 14, 3: 17}
SUITES = {1: 1, 2: 1, 3: 2}


class Unopened(Exception):
    """A message that failed a check; `verdict` is the name of section 9."""

    def __init__(self, verdict, why):
        self.verdict = verdict
        super().__init__(why)


@dataclass(frozen=True)
class Header:
    """The fields of a header behind layout and suite. `seen` is there from layout 2 on, and what follows it in layout 3."""

    message: bytes
    room: bytes
    sender: bytes
    fingerprint: bytes
    chain: bytes
    number: int
    previous: bytes
    roster_version: int
    recipients: bytes
    password: int
    sent_at: int
    commitment: bytes
    seen_position: int | None = None
    seen_hash: bytes | None = None
    epoch: int | None = None
    record_hash: bytes | None = None
    salt: bytes | None = None

    @property
    def layout(self):
        if self.epoch is not None:
            return 3
        return 1 if self.seen_position is None else 2

    def encode(self):
        fields = {name: value for name, value in vars(self).items() if value is not None}
        commitment = fields.pop("commitment")
        return msgpack.packb([self.layout, SUITES[self.layout], *fields.values(), commitment])

    @classmethod
    def of(cls, layout, fields):
        """None: these are not the fields of this layout."""
        if len(fields) != HEADER_FIELDS[layout] or None in fields:
            return None
        *others, commitment = fields
        return cls(*others[:11], commitment, *others[11:])


@dataclass(frozen=True)
class Sealed:
    header: bytes
    ciphertext: bytes
    wraps: bytes


def recipients_hash(members):
    """Of the members of one roster version, ascending by id."""
    pairs = [[member.user, member.fingerprint] for member in members]
    return sha256(context("recipients", pairs))


def split_keys(secret, info, salt):
    """(AES key, nonce, commitment key)."""
    out = hkdf(secret, info, 76, salt)
    return out[:32], out[32:44], out[44:]


def derive(content_key, secret):
    return split_keys(content_key, raw_context("content"), secret or None)


def commitment_of(commitment_key):
    return hmac.digest(commitment_key, raw_context("commit"), "sha256")


def pad(content):
    needed = SIGNATURE_BYTES + len(content) + 1
    if needed <= PLAINTEXT_STEP_BYTES:
        total = max(64, 1 << (needed - 1).bit_length())
    else:
        total = -(-needed // PLAINTEXT_STEP_BYTES) * PLAINTEXT_STEP_BYTES
    return content + b"\x80" + bytes(total - needed)


def seal(keys, members, secret, content, **fields):
    """`fields`: those of Header that are not computed here. `secret` is empty without a password."""
    content_key = os.urandom(32)
    aes_key, nonce, commitment_key = derive(content_key, secret)
    header = Header(
        fingerprint=keys.fingerprint,
        recipients=recipients_hash(members),
        commitment=commitment_of(commitment_key),
        **fields,
    ).encode()
    ciphertext = encrypt(keys, aes_key, nonce, header, content)
    label = raw_context("wrap", sha256(header))
    wraps = [
        serialization.load_der_public_key(member.identity.spki).encrypt(content_key, oaep(label))
        for member in members
    ]
    return Sealed(header, ciphertext, b"".join(wraps))


def encrypt(keys, aes_key, nonce, header, content):
    padded = pad(content)
    signature = keys.sign(context("message", [sha256(header), sha256(padded)]))
    return AESGCM(aes_key).encrypt(nonce, signature + padded, header)


def read_header(data, room, sender):
    """Step 1."""
    try:
        fields = msgpack.unpackb(data)
        layout, suite, *rest = fields
        strict = msgpack.packb(fields) == data
    except (ValueError, TypeError) as fault:
        raise Unopened("altered", "no header") from fault
    if not strict or type(layout) is not int or type(suite) is not int:
        raise Unopened("altered", "no header")
    if SUITES.get(layout) != suite:
        raise Unopened("undecryptable", "of another layout or suite")
    header = Header.of(layout, rest)
    if header is None or not well_formed(header):
        raise Unopened("altered", "no header")
    if header.room != room or header.sender != sender:
        raise Unopened("forged", "of another room or sender")
    return header


def well_formed(header):
    lengths = {"message": 16, "room": 16, "sender": 16, "fingerprint": 32, "chain": 16}
    lengths |= {"previous": 32 if header.number else 0, "recipients": 32, "commitment": 32}
    numbers = [header.number, header.roster_version, header.password, header.sent_at]
    if header.layout > 1:
        lengths |= {"seen_hash": 32 if header.seen_position else 0}
        numbers.append(header.seen_position)
    if header.layout > 2:
        lengths |= {"record_hash": 32, "salt": 32}
        numbers.append(header.epoch)
    return all(type(number) is int and number >= 0 for number in numbers) and all(
        isinstance(vars(header)[name], bytes) and len(vars(header)[name]) == length
        for name, length in lengths.items()
    )


def open_wrap(keyring, wrap, header_bytes):
    """Step 4: the content key, by whichever of one's keys opens the wrap."""
    for keys in reversed(keyring):
        try:
            content_key = keys.open(wrap, raw_context("wrap", sha256(header_bytes)))
        except ValueError:
            continue
        if len(content_key) == 32:
            return content_key
    raise Unopened("undecryptable", "the wrap does not open")


def open_padded(copy, header, content_keys, sender_public):
    """Steps 5 to 7: what the sender signed. `content_keys`: AES key, nonce and commitment key."""
    aes_key, nonce, commitment_key = content_keys
    if not hmac.compare_digest(commitment_of(commitment_key), header.commitment):
        raise Unopened("altered", "another commitment")
    try:
        plaintext = AESGCM(aes_key).decrypt(nonce, copy.ciphertext, copy.header)
    except InvalidTag as fault:
        raise Unopened("altered", "the ciphertext does not open") from fault
    if len(plaintext) < SIGNATURE_BYTES:
        raise Unopened("altered", "no signature")
    signature, padded = plaintext[:SIGNATURE_BYTES], plaintext[SIGNATURE_BYTES:]
    signed = context("message", [sha256(copy.header), sha256(padded)])
    if not signature_holds(sender_public, signature, signed):
        raise Unopened("forged", "not signed by its sender")
    return padded


def read_padded(padded):
    """Step 9: the content."""
    content = padded.rstrip(b"\0")[:-1]
    try:
        if pad(content) != padded or msgpack.packb(msgpack.unpackb(content)) != content:
            raise Unopened("undecryptable", "no content")
        return read(content)
    except (ValueError, TypeError, Malformed) as fault:
        raise Unopened("undecryptable", "no content") from fault
