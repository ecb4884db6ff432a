import { open } from 'node:fs/promises';

/**
 * All of a file, or undefined when it has more than `bytesMax` bytes, of which no more are read: what somebody names may be a pipe
 * or a device without end. Rejects with the system's error.
 */
export async function readFileUpTo(path: string, bytesMax: number): Promise<Buffer | undefined> {
  await using file = await open(path);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of file.createReadStream({ autoClose: false, end: bytesMax })) {
    parts.push(part);
    length += part.length;
  }
  return length > bytesMax ? undefined : Buffer.concat(parts, length);
}
