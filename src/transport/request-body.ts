import type { HttpResponse } from 'uWebSockets.js';

/** Collects a body of at most so many bytes, and calls once: with the whole of it, or as soon as it is too large. */
export function readBody(
  response: HttpResponse,
  bytesMax: number,
  done: (body: Uint8Array | 'too_large') => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isDone = false;
  response.onData((chunk, isLast) => {
    if (isDone) return;
    length += chunk.byteLength;
    if (length > bytesMax) {
      isDone = true;
      done('too_large');
      return;
    }
    // The chunk is valid during this call only.
    chunks.push(Buffer.from(new Uint8Array(chunk)));
    if (!isLast) return;
    isDone = true;
    done(Buffer.concat(chunks));
  });
}
