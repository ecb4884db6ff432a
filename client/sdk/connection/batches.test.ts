import { afterEach, beforeEach, expect, test } from 'vitest';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { encode } from '../../../src/protocol/message-pack.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { encodeEvent } from '../../../src/protocol/server-codec.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { systemClock } from './clock.ts';
import { Connection } from './connection.ts';

let fixture: LiveFixture;
beforeEach(async () => {
  fixture = await LiveFixture.start();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const state = (version: number): Uint8Array => encodeEvent('state', { version });

async function dial(onVersion: (version: number) => void = () => undefined): Promise<Connection> {
  return Connection.open({
    ...{ origin: parseOrigin(fixture.server.url) ?? expect.unreachable(), webSocket: fixture.webSocket() },
    ...{ clock: systemClock, program: 'test', abort: new AbortController().signal },
    onEvent: ({ name, body }) => {
      if (name === 'state') onVersion(body.version);
    },
  });
}

test('a client receives the events of a batch in order, and stays connected', async () => {
  const heard: number[] = [];
  const connection = await dial((version) => heard.push(version));
  fixture.server.tell(concatBytes(state(1), state(2), state(3)));
  fixture.server.tell(state(4));
  await eventually(() => expect(heard).toEqual([1, 2, 3, 4]));
  await expect(connection.request('ping', {})).resolves.toBeDefined();
  await connection.close();
});

test('a client drops the rest of a batch after a malformed event', async () => {
  const heard: number[] = [];
  const connection = await dial((version) => heard.push(version));
  fixture.server.tell(concatBytes(state(1), encode([111, {}]), state(3)));
  expect(await connection.ended).toMatchObject({ cause: expect.stringMatching(/^broken frame: state/) });
  expect(heard).toEqual([1]);
});

test.each([
  ['nothing in it', new Uint8Array()],
  ['junk after its frames', concatBytes(state(1), Uint8Array.of(0xc1))],
  ['a frame that ends early', concatBytes(state(1), state(2).subarray(0, -1))],
  ['a batch nested in it', concatBytes(state(1), Uint8Array.of(0x91), state(2))],
  ['257 frames', concatBytes(...Array<Uint8Array>(257).fill(state(1)))],
  ['more bytes than a batch may have', concatBytes(state(1), new Uint8Array(96 * 1024))],
])('a client disconnects from a server that sends a batch with %s', async (_, message) => {
  const connection = await dial();
  fixture.server.tell(message);
  expect(await connection.ended).toMatchObject({ cause: expect.stringMatching(/^broken frame: /) });
});

test('a client refuses batches from a server that did not offer them', async () => {
  fixture.server.offer(['suite-2']);
  const heard: number[] = [];
  const connection = await dial((version) => heard.push(version));
  fixture.server.tell(concatBytes(state(1), state(2)));
  expect(await connection.ended).toMatchObject({ cause: 'broken frame: trailing_bytes' });
  expect(heard).toEqual([]);
});

test('a client asks for batches if, and only if, the server offers them', async () => {
  const ann = await fixture.user('Ann');
  await ann.create('Lobby');
  await ann.room('Lobby');
  await eventually(() => expect(fixture.server.bodies('enter').at(-1)).toMatchObject({ batches: true }));
  fixture.server.offer(['suite-2']);
  const before = fixture.server.count('enter');
  fixture.server.cut();
  await eventually(() => expect(fixture.server.count('enter')).toBeGreaterThan(before));
  expect(fixture.server.bodies('enter').at(-1)).not.toHaveProperty('batches');
});
