import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { People } from '../support/cluster/people.ts';
import { behindHaproxy } from './behind-haproxy.ts';

test('a file of many chunks goes through HAProxy and comes back, although the gateway closes its connection after each', async () => {
  await using stage = await behindHaproxy();
  await using people = new People();
  const { client } = await people.register('Ann', stage.url);
  await client.create('Album');
  const room = await client.room('Album');
  const bytes = new Uint8Array(randomBytes(20 * FILE_CHUNK_BYTES + 3));
  const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  const file = await room.upload({ name: 'a.bin', type: 'text/plain', size: bytes.length, read });
  const parts: Uint8Array[] = [];
  await room.download(file, { write: async (part) => void parts.push(new Uint8Array(part)) });
  expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
  expect(await stage.gateway.metric('conclave_file_transfers')).toBe(0);
});
