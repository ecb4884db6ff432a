"""How long messages of a room stay by default: PROTOCOL.md, section 8."""

from vector_tools import check_ed25519, context, load, pack, same, sha256, unhex

EXPIRES = range(5, 31_536_001)
SIGNATURE_BYTES = 64


def may_be(number, seconds):
    return number >= 1 and (seconds == 0 or seconds in EXPIRES)


def verify_room_life():
    vectors = load("room-life")
    alice = load("keys")["alice"]
    for vector in vectors["lives"]:
        same("fingerprint", vector["fingerprint"], alice["fingerprint"])
        ids = [unhex(vector[name]) for name in ("room", "user", "fingerprint")]
        document = pack([1, *ids, vector["number"], vector["seconds"]])
        same("document", document.hex(), vector["document"])
        signed = context("room-life") + sha256(document)
        same("signed", signed.hex(), vector["signed"])
        same("life", vector["document"] + vector["signature"], vector["life"])
        check_ed25519(unhex(alice["ed25519_public"]), unhex(vector["signature"]), signed)
        same("bounds", may_be(vector["number"], vector["seconds"]), True)
    ids = [unhex(vectors["lives"][0][name]) for name in ("room", "user", "fingerprint")]
    for vector in vectors["invalid"]:
        document = unhex(vector["life"])[:-SIGNATURE_BYTES]
        found = [
            (number, seconds)
            for number in (0, 1)
            for seconds in (4, 60, 31_536_001)
            if pack([1, *ids, number, seconds]) == document
        ]
        same(vector["why"], [may_be(*pair) for pair in found], [False])
    return len(vectors["lives"]) + len(vectors["invalid"])
