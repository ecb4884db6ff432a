"""An epoch's key for each member, and the tree over these wraps: PROTOCOL.md section 14, "Wraps"."""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contexts import context, hkdf, raw_context, sha256
from identity import oaep
from prekeys import seed_of
from x_wing import decapsulate, encapsulate

RSA_BYTES = 256
ZERO_NONCE = bytes(12)


class BadEpoch(Exception):
    """An epoch that failed a check; `fault` says whose it is."""

    def __init__(self, fault, why):
        self.fault = fault
        super().__init__(why)


@dataclass(frozen=True)
class Member:
    user: bytes
    fingerprint: bytes
    spki: bytes
    week: int = 0
    prekey: bytes = b""


@dataclass(frozen=True)
class Reader:
    """Who opens, with `keys`; no prekey was made for a week after `last_week`."""

    user: bytes
    keys: object
    last_week: int


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
    if len(data) != RSA_BYTES + (1120 + 48 if week else 0):
        raise BadEpoch("committer", "no wrap")
    if week > reader.last_week:
        raise BadEpoch("committer", "no prekey was made for this week")
    rsa, x_wing, sealed = data[:256], data[256:1376], data[1376:]
    label = context("epoch-rsa", [body_hash, reader.user, 2 if week else 1])
    try:
        half = reader.keys.open(rsa, label).rjust(32, b"\0")
        if week == 0:
            return half
        secret = decapsulate(seed_of(reader.keys.chain_key, week), x_wing)
        info = kek_info(body_hash, reader.user, reader.keys.fingerprint, week, rsa + x_wing)
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
