"""A room's password: PROTOCOL.md section 8, "Room password"."""

import hashlib
import unicodedata

SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024


def derive(password, salt):
    """(proof, room secret)."""
    normal = unicodedata.normalize("NFKC", password)
    if not 6 <= len(normal) <= 60:
        raise ValueError("a room password has 6 to 60 code points")
    out = hashlib.scrypt(
        normal.encode("utf-8"), salt=salt, n=2**15, r=8, p=1, dklen=64, maxmem=SCRYPT_MEMORY_BYTES
    )
    return out[:32], out[32:]
