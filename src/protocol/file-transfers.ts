import { FILE_CHUNK_BYTES, FILE_TAG_BYTES } from './limits.ts';

/** Chunks of files over HTTP: `PUT` and `GET /v1/files/FILE/NUMBER` on the port for clients. */

/** A route of the WebSocket server; both parts are one segment each. */
export const FILE_ROUTE = '/v1/files/:file/:number';

export function chunkPath(file: string, number: number): string {
  return `/v1/files/${file}/${number}`;
}

/** A whole encrypted chunk. */
export const STORED_CHUNK_BYTES: number = FILE_CHUNK_BYTES + FILE_TAG_BYTES;

/** How many chunks a file of so many stored bytes has; 0 for a number that no file has. */
export function chunkCountOf(storedBytes: number): number {
  const rest = storedBytes % STORED_CHUNK_BYTES;
  return rest > 0 && rest <= FILE_TAG_BYTES ? 0 : Math.ceil(storedBytes / STORED_CHUNK_BYTES);
}

/** What this chunk of the file takes; undefined: the file has no such chunk. */
export function storedChunkBytes(storedBytes: number, number: number): number | undefined {
  const count = chunkCountOf(storedBytes);
  if (!Number.isSafeInteger(number) || number < 0 || number >= count) return undefined;
  return number < count - 1 ? STORED_CHUNK_BYTES : storedBytes - number * STORED_CHUNK_BYTES;
}

interface FileErrorEntry {
  /** HTTP status. */
  readonly status: number;
  readonly meaning: string;
}

/** How a transfer of a chunk is refused: the status, and a JSON body `{error, message}`. */
export const fileErrors = {
  bad_request: { status: 400, meaning: 'the path names no chunk of a file' },
  unauthorized: {
    status: 401,
    meaning: 'the ticket is missing or expired, or is for another file or method',
  },
  wrong_origin: { status: 403, meaning: 'this origin is not allowed on this server' },
  not_found: {
    status: 404,
    meaning: 'the chunk does not exist, or the file was removed or is already finished',
  },
  conflict: { status: 409, meaning: 'different bytes are stored under this number' },
  wrong_length: {
    status: 411,
    meaning: 'Content-Length is missing, or differs from the length of this chunk',
  },
  rate_limited: { status: 429, meaning: 'the user transfers too many bytes, or too many chunks at once' },
  unavailable: { status: 503, meaning: 'the node is busy, or its store is unavailable; try again' },
} as const satisfies Record<string, FileErrorEntry>;

export type FileErrorName = keyof typeof fileErrors;
