"""Keys of an account for one week each: PROTOCOL.md section 14, "Prekeys"."""

import time

import msgpack

from contexts import hkdf, raw_context, sha256
from identity import SIGNATURE_BYTES, signature_holds
from x_wing import is_public_key, public_key

WEEK_MS = 7 * 24 * 3_600_000
WEEKS_AHEAD = 8
PAGES_MAX = 64


def seed_of(first_chain_key, week):
    key = first_chain_key
    for _ in range(week - 1):
        key = hkdf(key, raw_context("prekey-chain"))
    return hkdf(key, raw_context("prekey-seed"))


def now_ms():
    return time.time_ns() // 1_000_000


def week_of(created_at):
    return max(0, (now_ms() - created_at) // WEEK_MS) + 1


def last_week(created_at):
    """The last one for which an account can have published a prekey; clocks may differ."""
    return week_of(created_at) + WEEKS_AHEAD + 1


def life_of(created_at, week):
    begin = created_at + (week - 1) * WEEK_MS
    return [begin, begin + WEEK_MS]


def sign(keys, user, created_at, week):
    public = public_key(seed_of(keys.chain_key, week))
    document = msgpack.packb([1, user, keys.fingerprint, week, public, *life_of(created_at, week)])
    return document + keys.sign(raw_context("prekey", sha256(document)))


def verified(prekey, user, identity):
    """(week, public key) of this week's prekey of that identity; None for any other."""
    document, signature = prekey[:-SIGNATURE_BYTES], prekey[-SIGNATURE_BYTES:]
    week = week_of(identity.created_at)
    try:
        fields = msgpack.unpackb(document)
        public = fields[4]
    except (ValueError, TypeError, LookupError):
        return None
    expected = [1, user, identity.fingerprint, week, public, *life_of(identity.created_at, week)]
    if not isinstance(public, bytes) or msgpack.packb(expected) != document or not is_public_key(public):
        return None
    holds = signature_holds(identity.public, signature, raw_context("prekey", sha256(document)))
    return (week, public) if holds else None


def own(account):
    """(week, public key) of this week's."""
    week = week_of(account.identity.created_at)
    return week, public_key(seed_of(account.keyring[-1].chain_key, week))


async def publish(account, ask):
    keys, created_at = account.keyring[-1], account.identity.created_at
    first = week_of(created_at)
    weeks = range(first, first + WEEKS_AHEAD + 1)
    await ask("prekey", {"prekeys": [sign(keys, account.user, created_at, week) for week in weeks]})


async def listed(room, ask):
    """By user, as the server lists them: nothing of them is checked."""
    found, cursor = {}, None
    for _ in range(PAGES_MAX):
        page = await ask("prekeys", {"room": room} | ({} if cursor is None else {"cursor": cursor}))
        found |= {each["user"]: each["prekey"] for each in page["prekeys"]}
        cursor = page.get("cursor")
        if cursor is None:
            break
    return found
