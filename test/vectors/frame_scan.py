"""What may be decoded at all. Shares nothing with the project's own scanner."""


class Refused(Exception):
    pass


def frame_ends(data, caps, frames_max):
    """Where the frames of a message end: one, or those of a batch."""
    ends = []
    while not ends or ends[-1] < len(data):
        if len(ends) == frames_max:
            raise Refused("trailing_bytes" if frames_max == 1 else "too_many_items")
        scan = Scan(data, *caps, at=ends[-1] if ends else 0)
        scan.value(0)
        ends.append(scan.at)
    return ends


class Scan:
    """The rules for a frame, read once more and apart from the project's own scanner."""

    def __init__(self, data, depth_max, items_max, at=0):
        self.data, self.at, self.values = data, at, 0
        self.depth_max, self.items_max = depth_max, items_max

    def reason(self):
        try:
            self.value(0)
        except Refused as refused:
            return str(refused)
        return "ok" if self.at == len(self.data) else "trailing_bytes"

    def take(self, count):
        if len(self.data) - self.at < count:
            raise Refused("truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width, signed=False):
        return int.from_bytes(self.take(width), "big", signed=signed)

    def value(self, depth):
        head = self.take(1)[0]
        self.values += 1
        if self.values > 16_384:
            raise Refused("too_many_items")
        if head < 0x80 or head >= 0xE0 or head in (0xC0, 0xC2, 0xC3):
            return
        if head < 0x90:
            self.map(head & 15, depth)
        elif head < 0xA0:
            self.array(head & 15, depth)
        elif head < 0xC0:
            self.text(head & 31)
        elif head == 0xC1:
            raise Refused("reserved_byte")
        elif head <= 0xC6:
            self.take(self.number(1 << (head - 0xC4)))
        elif head in (0xCA, 0xCB):
            raise Refused("float")
        elif 0xCC <= head <= 0xD3:
            value = self.number(1 << (head & 3), head >= 0xD0)
            if abs(value) >= 1 << 53:
                raise Refused("integer_too_large")
        elif 0xD9 <= head <= 0xDB:
            self.text(self.number(1 << (head - 0xD9)))
        elif head in (0xDC, 0xDD):
            self.array(self.number(2 if head == 0xDC else 4), depth)
        elif head in (0xDE, 0xDF):
            self.map(self.number(2 if head == 0xDE else 4), depth)
        else:
            raise Refused("extension")

    def text(self, length):
        try:
            self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("bad_text") from None

    def enter(self, count, items_max, each, depth):
        if depth >= self.depth_max:
            raise Refused("too_deep")
        if count > items_max:
            raise Refused("too_many_items")
        if count * each > len(self.data) - self.at:
            raise Refused("truncated")

    def array(self, count, depth):
        self.enter(count, self.items_max, 1, depth)
        for _ in range(count):
            self.value(depth + 1)

    def map(self, count, depth):
        self.enter(count, min(self.items_max, 32), 2, depth)
        seen = set()
        for _ in range(count):
            key = self.key()
            if key in seen:
                raise Refused("duplicate_key")
            seen.add(key)
            self.value(depth + 1)

    def key(self):
        head = self.take(1)[0]
        if head == 0xD9:
            length = self.number(1)
        elif 0xA0 <= head < 0xC0:
            length = head & 31
        else:
            raise Refused("bad_key")
        if length > 32:
            raise Refused("bad_key")
        key = self.take(length)
        printable = all(0x20 <= byte <= 0x7E for byte in key)
        if not printable or key in (b"__proto__", b"constructor", b"prototype"):
            raise Refused("bad_key")
        return key
