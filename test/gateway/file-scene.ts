import { STORED_CHUNK_BYTES } from '../../src/protocol/file-transfers.ts';
import type { FileId, RoomId, UserId } from '../../src/protocol/ids.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { newKeys } from '../support/new-keys.ts';
import type { RawClient } from '../support/raw-client.ts';
import { randomChunks } from '../support/raw-file.ts';
import type { LiveGateway } from './live-gateway.ts';

export const FILE_BYTES: number = 2 * STORED_CHUNK_BYTES + 1_000;

export interface BegunFile {
  readonly room: RoomId;
  readonly file: FileId;
  readonly ticket: Uint8Array;
  /** What is to be stored. */
  readonly chunks: readonly Uint8Array[];
}

export interface FileScene {
  /** Somebody who is logged in. */
  person(): Promise<RawClient & { readonly user: UserId }>;
  /** A room of this person's own. */
  room(owner: RawClient, retention?: number): Promise<RoomId>;
  /** An upload in a room of this person's own. */
  begun(owner: RawClient, bytes?: number): Promise<BegunFile>;
}

export async function fileScene(gateway: LiveGateway): Promise<FileScene> {
  const keys = await newKeys();
  let count = 0;
  const next = (): number => {
    count += 1;
    return count;
  };
  const room: FileScene['room'] = async (owner, retention = 1) => {
    const name = parseRoomName(`room${next()}`);
    if (name === undefined) throw new Error('no room name');
    return (await owner.ask('create', { name, hidden: false, retention })).info.room;
  };
  return {
    room,
    person: async () => {
      const client = await gateway.greeted();
      const account = await client.register(`person${next()}`, keys);
      await client.login(account);
      return Object.assign(client, { user: account.user });
    },
    begun: async (owner, bytes = FILE_BYTES) => {
      const id = await room(owner);
      return { room: id, ...(await owner.ask('upload', { room: id, bytes })), chunks: randomChunks(bytes) };
    },
  };
}
