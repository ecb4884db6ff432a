"""Messages under an epoch: PROTOCOL.md section 14, "Messages"."""

import os
from dataclasses import replace

from contexts import context
from message import Header, Sealed, Unopened, commitment_of, encrypt, split_keys


def content_keys(epoch, secret, header):
    """AES key, nonce and commitment key."""
    record = epoch.record
    place = [record.room, record.number, record.hash, header.sender, header.chain, header.number, header.message]
    return split_keys(epoch.key, context("content2", place), header.salt + secret)


def seal(keys, epoch, secret, content, **fields):
    """`fields`: those of Header that neither the epoch gives nor are computed here."""
    record = epoch.record
    header = Header(
        fingerprint=keys.fingerprint,
        room=record.room,
        roster_version=record.version,
        recipients=record.recipients,
        password=record.password,
        epoch=record.number,
        record_hash=record.hash,
        salt=os.urandom(32),
        commitment=b"",
        **fields,
    )
    aes_key, nonce, commitment_key = content_keys(epoch, secret, header)
    encoded = replace(header, commitment=commitment_of(commitment_key)).encode()
    return Sealed(encoded, encrypt(keys, aes_key, nonce, encoded, content), b"")


def check(header, epoch):
    """What is checked between steps 2 and 3; `epoch` is None when it is not held."""
    if epoch is None:
        raise Unopened("undecryptable", "its epoch is not known, or did not open")
    record = epoch.record
    if header.record_hash != record.hash:
        raise Unopened("undecryptable", "of another epoch of this number")
    if (header.roster_version, header.recipients, header.password) != (
        record.version,
        record.recipients,
        record.password,
    ):
        raise Unopened("forged", "it contradicts its epoch")
