"""Suite 2, its epochs and the messages under them: PROTOCOL.md section 14."""

import hashlib
import hmac
import os
from dataclasses import dataclass

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import content
from contexts import context, raw_context, sha256
from identity import oaep, signature_holds
from message import SIGNATURE_BYTES, Unopened, commitment_of, pad, read_padded

ML_KEM_CIPHERTEXT_BYTES = 1088
ML_KEM_KEY_BYTES = 1184
RECORD_TAIL_BYTES = 96
SPKI_RSA_BYTES = 256
X_WING_LABEL = b"\\.//^\\"
ZERO_NONCE = bytes(12)


class BadEpoch(Exception):
    """An epoch that failed a check; `fault` says whose it is."""

    def __init__(self, fault, why):
        self.fault = fault
        super().__init__(why)


def hkdf(secret, info, length=32, salt=None):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


# X-Wing and prekeys.


def expand(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def public_key(seed):
    ml_kem, ecdh = expand(seed)
    return ml_kem.public_key().public_bytes_raw() + ecdh.public_key().public_bytes_raw()


def combine(ml_kem_secret, ecdh_secret, ephemeral, ecdh_public):
    return hashlib.sha3_256(ml_kem_secret + ecdh_secret + ephemeral + ecdh_public + X_WING_LABEL).digest()


def encapsulate(public):
    """(secret, ciphertext)."""
    ml_kem = MLKEM768PublicKey.from_public_bytes(public[:ML_KEM_KEY_BYTES])
    ml_kem_secret, ciphertext = ml_kem.encapsulate()
    ephemeral = X25519PrivateKey.generate()
    ephemeral_public = ephemeral.public_key().public_bytes_raw()
    ecdh_public = public[ML_KEM_KEY_BYTES:]
    ecdh_secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(ecdh_public))
    return combine(ml_kem_secret, ecdh_secret, ephemeral_public, ecdh_public), ciphertext + ephemeral_public


def decapsulate(seed, ciphertext):
    ml_kem, ecdh = expand(seed)
    ephemeral = ciphertext[ML_KEM_CIPHERTEXT_BYTES:]
    ecdh_secret = ecdh.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    ml_kem_secret = ml_kem.decapsulate(ciphertext[:ML_KEM_CIPHERTEXT_BYTES])
    return combine(ml_kem_secret, ecdh_secret, ephemeral, ecdh.public_key().public_bytes_raw())


def seed_of(first_chain_key, week):
    key = first_chain_key
    for _ in range(week - 1):
        key = hkdf(key, raw_context("prekey-chain"))
    return hkdf(key, raw_context("prekey-seed"))


# Wraps and their tree.


@dataclass(frozen=True)
class Member:
    user: bytes
    fingerprint: bytes
    spki: bytes
    week: int = 0
    prekey: bytes = b""


@dataclass(frozen=True)
class Reader:
    """Who opens: `rsa` is the private key, `chain_key` that of week 1."""

    user: bytes
    fingerprint: bytes
    rsa: object
    chain_key: bytes


def kek_info(body_hash, user, fingerprint, week, ciphertexts):
    return context("epoch-wrap", [body_hash, user, fingerprint, week, sha256(ciphertexts)])


def wrap(body_hash, keying, member, key):
    rsa_key = serialization.load_der_public_key(member.spki)
    if keying == 1 or member.week == 0:
        plain = rsa_key.encrypt(key, oaep(context("epoch-rsa", [body_hash, member.user, 1])))
        return plain if keying == 1 else bytes(4) + plain
    half = os.urandom(32)
    rsa = rsa_key.encrypt(half, oaep(context("epoch-rsa", [body_hash, member.user, 2])))
    secret, x_wing = encapsulate(member.prekey)
    kek = hkdf(half + secret, kek_info(body_hash, member.user, member.fingerprint, member.week, rsa + x_wing))
    sealed = AESGCM(kek).encrypt(ZERO_NONCE, key, None)
    return member.week.to_bytes(4, "big") + rsa + x_wing + sealed


def unwrap(body_hash, keying, data, reader):
    week = int.from_bytes(data[:4], "big") if keying == 2 else 0
    data = data[4:] if keying == 2 else data
    if len(data) != SPKI_RSA_BYTES + (1120 + 48 if week else 0):
        raise BadEpoch("committer", "no wrap")
    rsa, x_wing, sealed = data[:256], data[256:1376], data[1376:]
    label = context("epoch-rsa", [body_hash, reader.user, 2 if week else 1])
    try:
        half = reader.rsa.decrypt(rsa, oaep(label)).rjust(32, b"\0")
        if week == 0:
            return half
        secret = decapsulate(seed_of(reader.chain_key, week), x_wing)
        info = kek_info(body_hash, reader.user, reader.fingerprint, week, rsa + x_wing)
        return AESGCM(hkdf(half + secret, info)).decrypt(ZERO_NONCE, sealed, None)
    except (ValueError, InvalidTag) as fault:
        raise BadEpoch("committer", "the wrap does not open") from fault


def leaf(user, data):
    return sha256(context("epoch-leaf", [user, data]))


def node(left, right):
    return sha256(raw_context("epoch-node", left + right))


def tree(leaves):
    """(root, the path of each leaf). The left half is the largest power of two below the count."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    (left, left_paths), (right, right_paths) = tree(leaves[:half]), tree(leaves[half:])
    paths = [path + [right] for path in left_paths] + [path + [left] for path in right_paths]
    return node(left, right), paths


def root_of(data, index, count, path):
    """None: no path of this length leads up from there."""
    if count == 1:
        return data if not path else None
    if not path:
        return None
    half = 1 << ((count - 1).bit_length() - 1)
    *lower, partner = path
    if index < half:
        below = root_of(data, index, half, lower)
        return None if below is None else node(below, partner)
    below = root_of(data, index - half, count - half, lower)
    return None if below is None else node(partner, below)


# Epochs.


def commitment(key, room):
    return hmac.digest(hkdf(key, raw_context("epoch-commit-key")), raw_context("epoch-commit", room), "sha256")


def make(keys, members, room, number, previous, version, password, keying, committer, reason, time):
    """(record, key, [(user, wrap, path)]). `keys` sign, and have the committer's fingerprint."""
    members = sorted(members, key=lambda member: member.user)
    key = os.urandom(32)
    recipients = sha256(context("recipients", [[member.user, member.fingerprint] for member in members]))
    body = msgpack.packb(
        [1, 2, room, number, version, recipients, password, keying, committer, keys.fingerprint, previous]
        + [commitment(key, room), reason, time]
    )
    wraps = [wrap(sha256(body), keying, member, key) for member in members]
    root, paths = tree([leaf(member.user, data) for member, data in zip(members, wraps)])
    record = body + root + keys.sign(context("epoch", [sha256(body), root]))
    rows = [(member.user, data, b"".join(path)) for member, data, path in zip(members, wraps, paths)]
    return record, key, rows


@dataclass(frozen=True)
class Epoch:
    number: int
    version: int
    recipients: bytes
    password: int
    record_hash: bytes
    key: bytes


def open_epoch(record, data, index, count, path, reader, room, committer_public):
    body, root, signature = record[:-RECORD_TAIL_BYTES], record[-96:-64], record[-64:]
    try:
        fields = msgpack.unpackb(body)
    except ValueError as fault:
        raise BadEpoch("server", "no record") from fault
    if msgpack.packb(fields) != body or len(fields) != 14 or fields[:3] != [1, 2, room]:
        raise BadEpoch("server", "no record of this room")
    number, version, recipients, password, keying = fields[3:8]
    if not signature_holds(committer_public, signature, context("epoch", [sha256(body), root])):
        raise BadEpoch("server", "not signed by its committer")
    steps = [path[at : at + 32] for at in range(0, len(path), 32)]
    if root_of(leaf(reader.user, data), index, count, steps) != root:
        raise BadEpoch("server", "the wrap is not in the tree")
    key = unwrap(sha256(body), keying, data, reader)
    if not hmac.compare_digest(commitment(key, room), fields[11]):
        raise BadEpoch("committer", "another commitment")
    return Epoch(number, version, recipients, password, sha256(record), key)


# Messages.


def content_keys(epoch, salt, secret, room, sender, chain, number, message):
    place = [room, epoch.number, epoch.record_hash, sender, chain, number, message]
    out = hkdf(epoch.key, context("content2", place), 76, salt + secret)
    return out[:32], out[32:44], out[44:]


def seal(keys, epoch, secret, text, room, sender, chain, number, message, previous, time, seen=(0, b"")):
    """(header, ciphertext)."""
    salt = os.urandom(32)
    aes_key, nonce, commit_key = content_keys(epoch, salt, secret, room, sender, chain, number, message)
    header = msgpack.packb(
        [3, 2, message, room, sender, keys.fingerprint, chain, number, previous, epoch.version]
        + [epoch.recipients, epoch.password, time, *seen, epoch.number, epoch.record_hash, salt]
        + [commitment_of(commit_key)]
    )
    padded = pad(content.text(text))
    signature = keys.sign(context("message", [sha256(header), sha256(padded)]))
    return header, AESGCM(aes_key).encrypt(nonce, signature + padded, header)


def open_message(header, ciphertext, epoch, secret, sender_public):
    """The text."""
    fields = msgpack.unpackb(header)
    if msgpack.packb(fields) != header or fields[:2] != [3, 2] or len(fields) != 19:
        raise Unopened("altered", "no header of suite 2")
    message, room, sender, _, chain, number, _, version, recipients, password = fields[2:12]
    epoch_number, record_hash, salt, committed = fields[15:]
    if (epoch_number, record_hash) != (epoch.number, epoch.record_hash):
        raise Unopened("undecryptable", "of another epoch")
    if (version, recipients, password) != (epoch.version, epoch.recipients, epoch.password):
        raise Unopened("forged", "it contradicts its epoch")
    aes_key, nonce, commit_key = content_keys(epoch, salt, secret, room, sender, chain, number, message)
    if not hmac.compare_digest(commitment_of(commit_key), committed):
        raise Unopened("altered", "another commitment")
    plaintext = AESGCM(aes_key).decrypt(nonce, ciphertext, header)
    signature, padded = plaintext[:SIGNATURE_BYTES], plaintext[SIGNATURE_BYTES:]
    if not signature_holds(sender_public, signature, context("message", [sha256(header), sha256(padded)])):
        raise Unopened("forged", "not signed by its sender")
    return read_padded(padded)["text"]
