"""Frames, operations, events and codes: PROTOCOL.md sections 2 to 5."""

import pathlib
import sys
from dataclasses import dataclass

import msgpack

sys.path.append(str(pathlib.Path(__file__).parents[1] / "vectors"))
from frame_scan import Refused as ScanRefused, frame_ends  # noqa: E402

NESTING_DEPTH_MAX = 7
CONTAINER_ITEMS_MAX = 1024
OUTBOUND_FRAME_BYTES_MAX = 524_288
BATCH_BYTES_MAX = 98_304
BATCH_FRAMES_MAX = 256

REQUESTS = {
    "hello": 2,
    "register": 3,
    "login": 4,
    "answer": 5,
    "resume": 6,
    "lookup": 8,
    "create": 9,
    "join": 10,
    "leave": 11,
    "update": 21,
    "enter": 13,
    "members": 14,
    "identity": 15,
    "send": 16,
    "history": 17,
    "ping": 18,
    "prekey": 31,
    "prekeys": 32,
    "wraps": 33,
    "epoch": 34,
    "epochs": 35,
}

EVENTS = {
    100: "deliver",
    101: "roster",
    102: "presence",
    103: "room",
    104: "room-gone",
    105: "own-room",
    106: "resync",
    107: "going-away",
    108: "epoch",
}

NAMES = (
    "bad_request unauthenticated auth_failed name_taken invalid_name invalid_identity "
    "no_such_room_or_password not_a_member already_a_member room_full forbidden banned stale_roster "
    "too_large rate_limited too_many_sessions unavailable conflict unsupported_version wrong_origin "
    "keys_replaced no_such_member invite_needed"
)
CODES = dict(enumerate(NAMES.split(), 1)) | {30: "unknown_epoch", 31: "wraps_missing"}


class Malformed(Exception):
    """The other side sent what is no frame of this protocol."""


class Refused(Exception):
    """A request was refused; `code` is the name of the table in section 5."""

    def __init__(self, body):
        number = body["code"]
        self.code = CODES.get(number, f"code {number}")
        self.retry_after_ms = body.get("retryAfterMs", 0)
        self.version = body.get("version")
        self.room = body.get("room")
        self.epoch = body.get("epoch")
        super().__init__(f"{self.code}: {body['message']}")


@dataclass(frozen=True)
class Copy:
    """One member's copy of a message, live or from history."""

    seq: int
    at: int
    sender: bytes
    header: bytes
    ciphertext: bytes
    wrap: bytes


def encode_request(name, number, body):
    if name == "send":
        fields = [body[key] for key in ("room", "version", "header", "ciphertext", "wraps")]
        return msgpack.packb([REQUESTS[name], number, *fields])
    return msgpack.packb([REQUESTS[name], number, body])


def decode_message(data, takes_batches):
    """The frames of a message, each as its elements, after the checks that come before decoding."""
    if not isinstance(data, bytes):
        raise Malformed("no frame")
    frames_max = BATCH_FRAMES_MAX if takes_batches and len(data) <= BATCH_BYTES_MAX else 1
    try:
        ends = frame_ends(data, (NESTING_DEPTH_MAX, CONTAINER_ITEMS_MAX), frames_max)
    except ScanRefused as fault:
        raise Malformed(str(fault)) from fault
    return [_decode(data[begin:end]) for begin, end in zip([0, *ends], ends)]


def _decode(data):
    frame = msgpack.unpackb(data)
    if not isinstance(frame, list) or len(frame) < 2 or not isinstance(frame[0], int):
        raise Malformed("no frame")
    return frame


def event(frame):
    """(name, body) of an event frame; None for an event that this client does not know."""
    name = EVENTS.get(frame[0])
    if name is None:
        return None
    if name == "deliver":
        room, *copy = frame[1:8]
        return name, {"room": room, "copy": Copy(*copy)}
    return name, frame[1]
