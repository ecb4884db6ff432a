"""What a message holds: PROTOCOL.md section 9, "Content". Ids are hexadecimal here."""

import unicodedata

import msgpack

TEXT_BYTES_MAX = 16 * 1024
FALLBACK_BYTES_MAX = 1024
REACTION_BYTES_MAX = 32
MENTIONS_MAX = 100
EXPIRES_MIN, EXPIRES_MAX = 5, 31_536_000
WHY_UNITS_MAX = 200
UNKNOWN = "a kind of message that is not known here"


class Malformed(Exception):
    """It is no content."""


def text(value):
    return msgpack.packb([0, value])


def message(value, re=None, mentions=None, expires=None):
    return msgpack.packb([1, _body(value, re, mentions, expires)])


def edit(of, value, re=None, mentions=None, expires=None):
    return msgpack.packb([2, {"of": bytes.fromhex(of), "body": _body(value, re, mentions, expires)}])


def retract(of):
    return msgpack.packb([3, {"of": bytes.fromhex(of)}])


def react(of, emoji, add=True):
    return msgpack.packb([4, {"of": bytes.fromhex(of), "emoji": emoji, "add": add}])


def remove(of, why=None):
    body = {"of": bytes.fromhex(of)}
    if why is not None:
        body["why"] = why
    return msgpack.packb([5, body])


def _body(value, re, mentions, expires):
    body = {"text": value}
    if re is not None:
        body["re"] = bytes.fromhex(re)
    if mentions is not None:
        body["mentions"] = [bytes.fromhex(user) for user in mentions]
    if expires is not None:
        body["expires"] = expires
    return body


def read(content):
    """Fields that are not known here are skipped; a kind that is not known is shown by its fallback."""
    try:
        kind, body = msgpack.unpackb(content)
    except (ValueError, TypeError) as fault:
        raise Malformed from fault
    if type(kind) is not int or kind < 0:
        raise Malformed
    if kind == 0:
        return {"kind": "message", "text": _text(body, TEXT_BYTES_MAX)}
    reader = {1: _read_message, 2: _read_edit, 3: _read_retract, 4: _read_react, 5: _read_remove}.get(kind)
    if reader is None:
        return {"kind": "unknown", "text": _fallback(body)}
    if not isinstance(body, dict):
        raise Malformed
    if kind != 1 and "fallback" in body:
        _text(body["fallback"], FALLBACK_BYTES_MAX)
    return reader(body)


def _read_message(body):
    return {"kind": "message", **_wording(body)}


def _read_edit(body):
    return {"kind": "edit", "of": _id(body.get("of")), **_wording(body.get("body"))}


def _read_retract(body):
    return {"kind": "retract", "of": _id(body.get("of"))}


def _read_react(body):
    emoji = _text(body.get("emoji"), REACTION_BYTES_MAX)
    if not emoji or any(unicodedata.category(char)[0] == "Z" or unicodedata.category(char) == "Cc" for char in emoji):
        raise Malformed
    if type(body.get("add")) is not bool:
        raise Malformed
    return {"kind": "react", "of": _id(body.get("of")), "emoji": emoji, "add": body["add"]}


def _read_remove(body):
    removal = {"kind": "remove", "of": _id(body.get("of"))}
    if "why" in body:
        why = body["why"]
        if not isinstance(why, str) or len(why.encode("utf-16-le")) > 2 * WHY_UNITS_MAX:
            raise Malformed
        removal["why"] = why
    return removal


def _wording(body):
    if not isinstance(body, dict):
        raise Malformed
    wording = {"text": _text(body.get("text"), TEXT_BYTES_MAX)}
    if "re" in body:
        wording["re"] = _id(body["re"])
    if "mentions" in body:
        mentions = body["mentions"]
        if not isinstance(mentions, list) or len(mentions) > MENTIONS_MAX:
            raise Malformed
        wording["mentions"] = [_id(user) for user in mentions]
    if "expires" in body:
        expires = body["expires"]
        if type(expires) is not int or not EXPIRES_MIN <= expires <= EXPIRES_MAX:
            raise Malformed
        wording["expires"] = expires
    return wording


def _fallback(body):
    fallback = body.get("fallback") if isinstance(body, dict) else None
    is_shown = isinstance(fallback, str) and len(fallback.encode("utf-8")) <= FALLBACK_BYTES_MAX
    return fallback if is_shown else UNKNOWN


def _id(value):
    if not isinstance(value, bytes) or len(value) != 16:
        raise Malformed
    return value.hex()


def _text(value, bytes_max):
    if not isinstance(value, str) or len(value.encode("utf-8")) > bytes_max:
        raise Malformed
    return value
