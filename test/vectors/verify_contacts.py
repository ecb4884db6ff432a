"""Direct rooms and invitations: PROTOCOL.md, section 17."""

from vector_tools import check_ed25519, context, context_list, load, pack, same, sha256, unhex
from verify_backup import letters_of


def direct_input(one, other, generation):
    low, high = sorted([one, other])
    return context_list("direct", [low, high, generation])


def direct_name(digest):
    return "dm" + letters_of(digest)[:28].lower()


def verify_contacts():
    vectors = load("contacts")
    direct = vectors["direct"]
    one, other = unhex(direct["one"]), unhex(direct["other"])
    for vector in direct["names"]:
        for pair in ((one, other), (other, one)):
            data = direct_input(*pair, vector["generation"])
            same("input", data.hex(), vector["input"])
            same("name", direct_name(sha256(data)), vector["name"])
    vector = vectors["invitation"]
    fields = [1, unhex(vector["from"]), unhex(vector["to"]), unhex(vector["room"]), vector["name"], vector["at"]]
    document, signature = pack(fields), unhex(vector["signature"])
    same("document", document.hex(), vector["document"])
    signed = context("invitation") + sha256(document)
    same("signed", signed.hex(), vector["signed"])
    same("letter", (document + signature).hex(), vector["letter"])
    check_ed25519(unhex(load("keys")["alice"]["ed25519_public"]), signature, signed)
    return len(direct["names"]) + 1
