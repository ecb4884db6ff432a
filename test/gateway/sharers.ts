import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import {
  type AccountStorage,
  type ConclaveClient,
  createClient,
  type Fetch,
  type FileSource,
  memoryStorage,
  newAccountKeys,
  type Room,
  type SharedFile,
} from '../../client/sdk/index.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

export const throughHttp: Fetch = (...request) => globalThis.fetch(...request);

export interface Owner {
  readonly room: Room;
  readonly storage: AccountStorage;
}

/** People with files in their rooms on a gateway of their own. */
export class Sharers implements AsyncDisposable {
  readonly #gateway: LiveGateway;
  readonly #clients: ConclaveClient[] = [];
  #shared: Promise<Owner> | undefined;
  #count = 0;

  private constructor(gateway: LiveGateway) {
    this.#gateway = gateway;
  }

  static async start(): Promise<Sharers> {
    return new Sharers(await startLiveGateway());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#gateway[Symbol.asyncDispose]();
  }

  async #connected(storage: AccountStorage, fetch: Fetch): Promise<ConclaveClient> {
    const { url: server } = this.#gateway;
    const client = await createClient({ server, storage, webSocket: WebSocket, fetch });
    this.#clients.push(client);
    return client;
  }

  async #person(fetch: Fetch) {
    this.#count += 1;
    const storage = memoryStorage(await newAccountKeys(`sharer${this.#count}`));
    const client = await this.#connected(storage, fetch);
    await client.register();
    return { client, storage };
  }

  /** For tests that look at nothing but their own files. */
  anyOwner(): Promise<Owner> {
    this.#shared ??= this.owner(throughHttp);
    return this.#shared;
  }

  /** Somebody with an own room, whose chunks go through `fetch`. */
  async owner(fetch: Fetch): Promise<Owner> {
    const { client, storage } = await this.#person(fetch);
    const { room } = await client.create(`Files${this.#count}`);
    return { room: await client.room(room), storage };
  }

  /** The owner's room, for another process of the owner's. */
  async again({ room, storage }: Owner): Promise<Room> {
    const client = await this.#connected(storage, throughHttp);
    await client.connect();
    return client.room(room.name);
  }

  /** The room, for somebody who has joined it. */
  async member({ name }: Room): Promise<Room> {
    const { client } = await this.#person(throughHttp);
    await client.join(name);
    return client.room(name);
  }
}

export function sourceOf(bytes: Uint8Array, name = 'a.bin'): FileSource {
  const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  return { name, type: 'application/octet-stream', size: bytes.length, read };
}

export async function downloaded(room: Room, file: SharedFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await room.download(file, { write: async (bytes) => void parts.push(new Uint8Array(bytes)) });
  return new Uint8Array(Buffer.concat(parts));
}

/** Compared as a whole: one byte after the other takes seconds for a megabyte. */
export function expectSame(found: Uint8Array, wanted: Uint8Array): void {
  expect(Buffer.compare(found, wanted)).toBe(0);
}

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const isPut = (init: RequestInit | undefined): boolean => init?.method === 'PUT';
