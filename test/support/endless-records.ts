/**
 * The file of an LMDB environment in which each record whose key begins with `key` claims to have 2 GiB. They end far behind LMDB's map, so
 * reading one ends the process (mdb.c: MDB_page, MDB_node).
 */
export function withEndlessRecords(bytes: Buffer, key = ''): Buffer {
  const [pageBytes, headerBytes, flagsAt, endAt, leaf] = [4096, 24, 18, 20, 0x02];
  for (let page = 2 * pageBytes; page < bytes.length; page += pageBytes) {
    if ((bytes.readUInt16LE(page + flagsAt) & 0x1f) !== leaf) continue;
    const nodes = page + headerBytes;
    for (let at = nodes; at < nodes + bytes.readUInt16LE(page + endAt); at += 2) {
      const node = nodes + bytes.readUInt16LE(at);
      if (bytes.subarray(node, node + 24).includes(key)) bytes.writeUInt32LE(0x7ffffff0, node);
    }
  }
  return bytes;
}
