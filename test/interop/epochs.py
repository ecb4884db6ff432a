"""The record of an epoch, made and opened: PROTOCOL.md section 14."""

import hmac
import os
from dataclasses import dataclass

import msgpack

from contexts import context, hkdf, raw_context, sha256
from epoch_wraps import BadEpoch, leaf, root_of, tree, unwrap, wrap
from identity import signature_holds
from message import recipients_hash

RECORD_TAIL_BYTES = 96
KEYINGS = (1, 2)


@dataclass(frozen=True)
class Record:
    """The fields of a body behind layout and suite, and what stands behind the body."""

    room: bytes
    number: int
    version: int
    recipients: bytes
    password: int
    keying: int
    committer: bytes
    fingerprint: bytes
    previous: bytes
    commitment: bytes
    reason: int
    time: int
    body_hash: bytes
    root: bytes
    signature: bytes
    hash: bytes


@dataclass(frozen=True)
class Epoch:
    record: Record
    key: bytes


def commitment(key, room):
    return hmac.digest(hkdf(key, raw_context("epoch-commit-key")), raw_context("epoch-commit", room), "sha256")


def make(keys, members, room, number, previous, version, password, keying, committer, reason, time):
    """(record, key, [(user, wrap, path)]). `keys` sign, and have the committer's fingerprint."""
    members = sorted(members, key=lambda member: member.user)
    key = os.urandom(32)
    body = msgpack.packb(
        [1, 2, room, number, version, recipients_hash(members), password, keying, committer]
        + [keys.fingerprint, previous, commitment(key, room), reason, time]
    )
    wraps = [wrap(sha256(body), keying, member, key) for member in members]
    root, paths = tree([leaf(member.user, data) for member, data in zip(members, wraps)])
    record = body + root + keys.sign(context("epoch", [sha256(body), root]))
    rows = [(member.user, data, b"".join(path)) for member, data, path in zip(members, wraps, paths)]
    return record, key, rows


def read_record(data, room):
    """Check 1."""
    body, root, signature = data[:-RECORD_TAIL_BYTES], data[-96:-64], data[-64:]
    try:
        fields = msgpack.unpackb(body)
        layout, suite, *rest = fields
        strict = msgpack.packb(fields) == body
    except (ValueError, TypeError) as fault:
        raise BadEpoch("server", "no record") from fault
    if not strict or type(layout) is not int or type(suite) is not int:
        raise BadEpoch("server", "no record")
    if (layout, suite) != (1, 2):
        raise BadEpoch("nobody", "of another layout or suite")
    if len(rest) != 12:
        raise BadEpoch("server", "no record")
    record = Record(*rest, sha256(body), root, signature, sha256(data))
    if not well_formed(record) or record.room != room:
        raise BadEpoch("server", "no record of this room")
    if record.keying not in KEYINGS:
        raise BadEpoch("nobody", "of another keying")
    return record


def well_formed(record):
    numbers = [record.number, record.version, record.password, record.keying, record.reason, record.time]
    lengths = {"room": 16, "committer": 16, "recipients": 32, "fingerprint": 32, "commitment": 32}
    if not all(type(number) is int and number >= 0 for number in numbers) or record.number < 1:
        return False
    lengths["previous"] = 0 if record.number == 1 else 32
    return all(
        isinstance(vars(record)[name], bytes) and len(vars(record)[name]) == length
        for name, length in lengths.items()
    )


def check_server(record, data, path, place, user, committer_public):
    """Checks 2 and 3. `place`: index and count of the members then; None when they are not known."""
    if not signature_holds(committer_public, record.signature, context("epoch", [record.body_hash, record.root])):
        raise BadEpoch("server", "not signed by its committer")
    if place is None:
        return
    steps = [path[at : at + 32] for at in range(0, len(path), 32)]
    if root_of(leaf(user, data), *place, steps) != record.root:
        raise BadEpoch("server", "the wrap is not in the tree")


def open_epoch(record, data, reader):
    """Checks 4 and 5."""
    key = unwrap(record.body_hash, record.keying, data, reader)
    if not hmac.compare_digest(commitment(key, record.room), record.commitment):
        raise BadEpoch("committer", "another commitment")
    return Epoch(record, key)
