"""Keys, identity documents, fingerprints and safety numbers: PROTOCOL.md section 6."""

import hashlib
import os
from dataclasses import dataclass

import msgpack
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from contexts import context, raw_context, sha256

SIGNATURE_BYTES = 64
PAIR_BYTES = 320
SPKI_BYTES = 294


class BadIdentity(Exception):
    """A document that no client accepts from anyone."""


def pss():
    return padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)


def oaep(label):
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)


def fingerprint_of(spki, public):
    return sha256(context("fingerprint", [spki, public]))


class Keys:
    """The private keys of an account with the chain of its prekeys, and what is public of them."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing = ed25519.Ed25519PrivateKey.generate()
        der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self.spki = self.rsa.public_key().public_bytes(*der)
        self.public = self.signing.public_key().public_bytes_raw()
        self.fingerprint = fingerprint_of(self.spki, self.public)
        self.chain_key = os.urandom(32)

    def sign_pair(self, data):
        return self.rsa.sign(data, pss(), hashes.SHA256()) + self.signing.sign(data)

    def sign(self, data):
        return self.signing.sign(data)

    def open(self, encrypted, label):
        return self.rsa.decrypt(encrypted, oaep(label))


@dataclass(frozen=True)
class Identity:
    """A document that holds in itself: strict, and signed by both of its keys."""

    document: bytes
    signatures: bytes
    name: str
    spki: bytes
    public: bytes
    sequence: int
    previous_hash: bytes
    created_at: int

    @property
    def fingerprint(self):
        return fingerprint_of(self.spki, self.public)

    def succeeds(self, before):
        """Whether both keys of `before` signed this one as the next."""
        next_in_line = self.sequence == before.sequence + 1 and self.previous_hash == sha256(before.document)
        data = raw_context("identity-successor", sha256(self.document))
        return (
            next_in_line
            and self.name == before.name
            and pair_holds(before.spki, before.public, self.signatures[PAIR_BYTES:], data)
        )


def make_identity(keys, name, created_at):
    document = msgpack.packb([1, name, keys.spki, keys.public, 0, b"", created_at])
    return read_identity(document, keys.sign_pair(raw_context("identity", sha256(document))))


def read_identity(document, signatures):
    try:
        fields = msgpack.unpackb(document)
        version, name, spki, public, sequence, previous, created_at = fields
        strict = msgpack.packb(fields) == document
    except (ValueError, TypeError) as fault:
        raise BadIdentity("no document") from fault
    numbers = all(type(number) is int and number >= 0 for number in (version, sequence, created_at))
    binaries = all(isinstance(binary, bytes) for binary in (spki, public, previous))
    if not strict or not numbers or not binaries or version != 1 or not is_user_name(name):
        raise BadIdentity("no document of version 1")
    if not is_rsa_key(spki) or not is_signing_key(public) or len(previous) != (32 if sequence else 0):
        raise BadIdentity("keys or hash of the wrong form")
    if len(signatures) != (2 * PAIR_BYTES if sequence else PAIR_BYTES):
        raise BadIdentity("not as many signatures as its sequence asks for")
    if not pair_holds(spki, public, signatures[:PAIR_BYTES], raw_context("identity", sha256(document))):
        raise BadIdentity("not signed by its own keys")
    return Identity(document, signatures, name, spki, public, sequence, previous, created_at)


def is_user_name(name):
    return isinstance(name, str) and name.isascii() and name.isalnum() and 3 <= len(name) <= 20


def is_rsa_key(spki):
    if len(spki) != SPKI_BYTES:
        return False
    try:
        key = serialization.load_der_public_key(spki)
    except ValueError:
        return False
    return isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048 and key.public_numbers().e == 65537


P = 2**255 - 19
SMALL_ORDER_Y = {
    0,
    1,
    P - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}


def is_signing_key(public):
    if len(public) != 32:
        return False
    y = int.from_bytes(public, "little") % 2**255
    return y < P and y not in SMALL_ORDER_Y


def pair_holds(spki, public, pair, data):
    try:
        serialization.load_der_public_key(spki).verify(pair[:256], data, pss(), hashes.SHA256())
    except InvalidSignature:
        return False
    return signature_holds(public, pair[256:], data)


def signature_holds(public, signature, data):
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def safety_number(one, other):
    """Of two fingerprints."""
    digest = hashlib.sha512(context("safety-number", sorted([one, other]))).digest()
    groups = (int.from_bytes(digest[at : at + 5], "big") % 100_000 for at in range(0, 60, 5))
    return " ".join(f"{group:05}" for group in groups)
