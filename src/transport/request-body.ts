import type { IncomingMessage } from 'node:http';

/** Collects a body of at most so many bytes. Undefined: the client went away. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array | 'too_large' | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // Left in the middle, the iterator would destroy the connection before the refusal is out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) return undefined;
      length += chunk.byteLength;
      if (length > bytesMax) return 'too_large';
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
