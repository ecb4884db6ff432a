"""What senders had seen, against what was opened here: PROTOCOL.md section 9, "What senders had seen"."""


class Order:
    """Of one room."""

    def __init__(self):
        self._headers = {}
        self._from, self._through = None, 0

    @property
    def last(self):
        """(position, H(header)) of the highest position that was recorded."""
        position = max(self._headers, default=0)
        return position, self._headers.get(position, b"")

    def settings(self, version, retention, entered):
        """`enter` or the event `room` told these."""
        goes_on = not entered and self._from is not None and version == self._through + 1
        if retention and goes_on:
            self._through = version
        elif entered or version > self._through:
            self._from, self._through = (version if retention else None), version

    def members(self, version):
        """The event `roster`."""
        if version == self._through + 1:
            self._through = version

    def was_stored(self, version):
        return self._from is not None and self._from <= version <= self._through

    def contradicts(self, seq, header, header_hash):
        """Of a message that was stored for certain. Records it."""
        self._headers.setdefault(seq, header_hash)
        if header.layout == 1 or header.seen_position == 0:
            return False
        known = self._headers.get(header.seen_position, header.seen_hash)
        return header.seen_position >= seq or known != header.seen_hash
