import { randomBytes } from 'node:crypto';
import {
  chunkCountOf,
  chunkPath,
  STORED_CHUNK_BYTES,
  storedChunkBytes,
} from '../../src/protocol/file-transfers.ts';
import type { FileId, RoomId } from '../../src/protocol/ids.ts';
import type { RawClient } from './raw-client.ts';

/** A file, and what a request answered that allows to move its chunks. */
export interface TicketedFile {
  readonly file: FileId;
  readonly ticket: Uint8Array;
}

export const bearer = (ticket: Uint8Array): string => `Bearer ${Buffer.from(ticket).toString('base64url')}`;

export function httpUrl(url: string, file: string, number: number): string {
  return url.replace(/^ws/, 'http') + chunkPath(file, number);
}

export function putChunk(
  url: string,
  { file, ticket }: TicketedFile,
  number: number,
  bytes: Uint8Array,
): Promise<Response> {
  const headers = { Authorization: bearer(ticket) };
  return fetch(httpUrl(url, file, number), { method: 'PUT', headers, body: new Uint8Array(bytes) });
}

export function getChunk(url: string, { file, ticket }: TicketedFile, number: number): Promise<Response> {
  return fetch(httpUrl(url, file, number), { headers: { Authorization: bearer(ticket) } });
}

/** Random chunks of a file of so many stored bytes. */
export function randomChunks(bytes: number): readonly Uint8Array[] {
  return Array.from(
    { length: chunkCountOf(bytes) },
    (_, number) => new Uint8Array(randomBytes(storedChunkBytes(bytes, number) ?? STORED_CHUNK_BYTES)),
  );
}

/** Uploads random chunks and finishes the file. */
export async function uploadRaw(
  client: RawClient,
  url: string,
  room: RoomId,
  bytes: number,
): Promise<{ readonly file: FileId; readonly chunks: readonly Uint8Array[] }> {
  const begun = await client.ask('upload', { room, bytes });
  const chunks = randomChunks(bytes);
  for (const [number, chunk] of chunks.entries()) {
    const { status } = await putChunk(url, begun, number, chunk);
    if (status !== 200) throw new Error(`chunk ${number} was answered with ${status}`);
  }
  await client.ask('finish', { file: begun.file });
  return { file: begun.file, chunks };
}
