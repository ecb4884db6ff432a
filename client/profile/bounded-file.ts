import { open } from 'node:fs/promises';

/** All of a stream, or undefined when it has more than `bytesMax` bytes; the rest is not read. */
export async function bytesUpTo(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    // Leaving the loop ends the stream.
    if (length > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}

/** The same of a file: what somebody names may be a pipe or a device without end. Rejects with the system's error. */
export async function readFileUpTo(path: string, bytesMax: number): Promise<Buffer | undefined> {
  await using file = await open(path);
  return await bytesUpTo(file.createReadStream({ autoClose: false, end: bytesMax }), bytesMax);
}
