import { sealUserState, userStateKey } from '../../client/crypto/user-state.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { emptyState, mergedStates } from '../../client/sdk/state/merge-state.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import { parseRoomId, parseUserId, type RoomId } from '../../src/protocol/ids.ts';
import { encodeUserState, type UserState, userStateContext } from '../../src/protocol/layouts/user-state.ts';
import { type FoldedName, foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { present, type VectorPerson } from './vector-keys.ts';

const room = (byte: string): RoomId => present(parseRoomId(byte.repeat(16)));
const name = (text: string): FoldedName => foldName(present(parseUserName(text)));
const tag = (byte: string): string => byte.repeat(8);

const one: UserState = {
  reads: new Map([
    [room('b2'), 300],
    [room('b1'), 7],
  ]),
  levels: new Map([[room('b1'), { value: 'none', counter: 3, tag: tag('0a') }]]),
  ignored: new Map([
    [name('Mallory'), { value: true, counter: 1, tag: tag('0b') }],
    [name('Trudy'), { value: true, counter: 2, tag: tag('0c') }],
  ]),
  order: { value: [room('b2'), room('b1')], counter: 4, tag: tag('0d') },
};
const other: UserState = {
  reads: new Map([
    [room('b1'), 9],
    [room('b2'), 299],
    [room('b3'), 1],
  ]),
  levels: new Map([
    [room('b1'), { value: 'all', counter: 3, tag: tag('09') }],
    [room('b3'), { value: 'mentions', counter: 1, tag: tag('0e') }],
  ]),
  ignored: new Map([[name('Trudy'), { value: false, counter: 3, tag: tag('01') }]]),
  order: { value: [], counter: 0, tag: tag('00') },
};

/** Three states in the clear, two of which make the third, and each of them sealed. */
export async function userStateVectors(alice: VectorPerson): Promise<unknown> {
  const place = {
    origin: present(parseOrigin('wss://chat.example')),
    user: present(parseUserId('a1'.repeat(16))),
    version: 7,
  };
  const key = await userStateKey({ ed25519: present(fromHex(alice.ed25519_seed)) });
  const nonce = new Uint8Array(12).fill(0x0c);
  const merged = mergedStates(one, other);
  const states = await Promise.all(
    Object.entries({ empty: emptyState, one, other, merged }).map(async ([called, state]) => {
      const content = encodeUserState(state);
      const sealed = await sealUserState(key, place, content, nonce);
      return { called, content: toHex(content), sealed_sha256: toHex(await sha256(sealed)) };
    }),
  );
  return {
    key: toHex(key),
    place: { ...place, context: toHex(userStateContext(place)) },
    nonce: toHex(nonce),
    states,
  };
}
