"""MessagePack in its shortest forms, as far as the layouts use it. Shares nothing with the project's own code."""

import struct


def pack(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_int(value)
    if isinstance(value, str):
        raw = value.encode("utf-8")
        if len(raw) < 32:
            return bytes([0xA0 | len(raw)]) + raw
        return sized(len(raw), 0xD9) + raw
    if isinstance(value, bytes):
        return sized(len(value), 0xC4) + value
    if len(value) < 16:
        head = bytes([0x90 | len(value)])
    else:
        head = b"\xdc" + struct.pack(">H", len(value))
    return head + b"".join(pack(item) for item in value)


def sized(length, head):
    if length < 0x100:
        return bytes([head, length])
    if length < 0x10000:
        return bytes([head + 1]) + struct.pack(">H", length)
    return bytes([head + 2]) + struct.pack(">I", length)


def pack_int(value):
    if 0 <= value < 0x80 or -0x20 <= value < 0:
        return struct.pack("b" if value < 0 else "B", value)
    if value < 0:
        raise ValueError("no layout has a negative number")
    for head, code, limit in ((0xCC, ">B", 8), (0xCD, ">H", 16), (0xCE, ">I", 32), (0xCF, ">Q", 64)):
        if value < 1 << limit:
            return bytes([head]) + struct.pack(code, value)
    raise ValueError("too large a number")


def unpack(data, at):
    """Arrays of small integers, texts and binaries: enough for an identity document."""
    head = data[at]
    if head < 0x80:
        return head, at + 1
    if 0x90 <= head < 0xA0:
        items, at = [], at + 1
        for _ in range(head & 15):
            item, at = unpack(data, at)
            items.append(item)
        return items, at
    if 0xA0 <= head < 0xC0:
        end = at + 1 + (head & 31)
        return data[at + 1 : end].decode("utf-8"), end
    width = {0xC4: 1, 0xC5: 2, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}.get(head)
    if width is None:
        raise ValueError("not in an identity document")
    number = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    if head >= 0xCC:
        return number, at + 1 + width
    return data[at + 1 + width : at + 1 + width + number], at + 1 + width + number
