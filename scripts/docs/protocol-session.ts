import { concatBytes, toHex } from '../../src/protocol/bytes.ts';
import { encodeRequest } from '../../src/protocol/client-codec.ts';
import { featureNames } from '../../src/protocol/features.ts';
import { frameCaps } from '../../src/protocol/frames.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../../src/protocol/ids.ts';
import { decodeStrict } from '../../src/protocol/message-pack.ts';
import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../src/protocol/names.ts';
import type { RequestBody, RequestName } from '../../src/protocol/requests.ts';
import { deliverPrefix, encodeError, encodeEvent, encodeReply } from '../../src/protocol/server-codec.ts';

/** PROTOCOL.md's session: made by the codec itself, with filler where random or encrypted bytes would stand. */

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the walk-through has a value that does not parse');
  return value;
}

const alice: UserId = known(parseUserId(filled(16, 0xa1)));
const bob: UserId = known(parseUserId(filled(16, 0xb0)));
const aliceName: UserName = known(parseUserName('Alice'));
const bobName: UserName = known(parseUserName('Bob'));
const room: RoomId = known(parseRoomId(filled(16, 0x70)));
const roomName: RoomName = known(parseRoomName('Lobby'));
const at = 1_767_225_600_000;
const info = {
  room,
  name: roomName,
  role: 'owner',
  joined: 0,
  version: 1,
  head: 0,
  retention: 30,
  password: 0,
  hidden: false,
} as const;
const identity = (byte: number): { readonly document: Uint8Array; readonly signatures: Uint8Array } => ({
  document: filled(391, byte),
  signatures: filled(320, byte),
});
const stretch = (user: UserId, name: UserName, role: 'owner' | 'member', since: number, byte: number) =>
  ({ user, name, role, joined: 0, since, identity: identity(byte) }) as const;
const message = { header: filled(303, 0x4e), ciphertext: filled(144, 0xc7) };

interface Step {
  readonly from: 'client' | 'server';
  readonly says: string;
  readonly frame: Uint8Array;
}

const ask = <Name extends RequestName>(
  says: string,
  name: Name,
  id: number,
  body: RequestBody<Name>,
): Step => ({ from: 'client', says, frame: encodeRequest(name, id, body) });
const tell = (says: string, frame: Uint8Array): Step => ({ from: 'server', says, frame });

function loginSteps(): readonly Step[] {
  const token = filled(200, 0x70);
  return [
    ask('hello', 'hello', 1, {
      client: 'example/1.0',
      nonce: filled(32, 0x01),
      origin: 'ws://127.0.0.1:8080',
    }),
    tell(
      'reply',
      encodeReply('hello', 1, {
        nonce: filled(32, 0x02),
        server: 'conclave/0.1.0',
        version: 1,
        time: at,
        pingMs: 25_000,
        silenceMs: 60_000,
        limits: { frameBytes: 327_680, textBytes: 16_384, roomMembers: 256, roomsPerConnection: 100 },
        features: featureNames,
      }),
    ),
    ask('register (once in the life of an account)', 'register', 2, {
      identity: identity(0xd0),
      proof: filled(320, 0x50),
    }),
    tell('reply', encodeReply('register', 2, { user: alice })),
    ask('login', 'login', 3, { username: 'Alice' }),
    tell(
      'reply: 32 secret bytes, encrypted',
      encodeReply('login', 3, { challenge: filled(256, 0xc4), expires: at + 30_000 }),
    ),
    ask('answer', 'answer', 4, { mac: filled(32, 0x3a) }),
    tell(
      'reply: the session is open',
      encodeReply('answer', 4, { user: alice, name: aliceName, token, until: at + 86_400_000 }),
    ),
  ];
}

function roomSteps(): readonly Step[] {
  const sent = { room, version: 1, ...message };
  return [
    ask('create a room', 'create', 5, { name: roomName, hidden: false, retention: 30 }),
    tell('reply', encodeReply('create', 5, { info })),
    ask('enter it', 'enter', 6, { rooms: [room] }),
    tell(
      'reply',
      encodeReply('enter', 6, {
        rooms: [
          {
            room,
            info,
            presence: { online: 1, version: 1, users: [{ user: alice, online: true, version: 1 }] },
          },
        ],
      }),
    ),
    tell(
      'event: Bob joined, so the roster has version 2',
      encodeEvent('roster', {
        room,
        version: 2,
        kind: 'joined',
        member: stretch(bob, bobName, 'member', 2, 0xdb),
      }),
    ),
    tell(
      'event: Bob is online',
      encodeEvent('presence', {
        room,
        presence: { online: 2, version: 2, users: [{ user: bob, online: true, version: 2 }] },
      }),
    ),
    ask('send, still for version 1 (one wrap): taken, without a copy for Bob', 'send', 7, {
      ...sent,
      wraps: filled(256, 0x11),
    }),
    tell(
      'event: the message, to its sender too',
      concatBytes(deliverPrefix({ room, seq: 1, at, from: alice, ...message }, true), filled(256, 0x11)),
    ),
    tell('reply: stored', encodeReply('send', 7, { seq: 1, at, headerHash: filled(32, 0x88) })),
    ask('send for version 2: two wraps, ascending by user id', 'send', 8, {
      ...sent,
      version: 2,
      wraps: filled(512, 0x22),
    }),
    tell('reply', encodeReply('send', 8, { seq: 2, at: at + 1, headerHash: filled(32, 0x89) })),
    tell(
      'event',
      concatBytes(
        deliverPrefix({ room, seq: 2, at: at + 1, from: alice, ...message }, true),
        filled(256, 0x22),
      ),
    ),
    tell(
      'event: Bob left, so nothing for version 2 or below is taken any more',
      encodeEvent('roster', {
        room,
        version: 3,
        kind: 'left',
        member: { ...stretch(bob, bobName, 'member', 2, 0xdb), left: 3 },
      }),
    ),
    ask('send for version 2', 'send', 9, { ...sent, version: 2, wraps: filled(512, 0x33) }),
    tell('refusal: encrypt again for version 3', encodeError(9, { refused: 'stale_roster', version: 3 })),
    ask('history, after a reconnect', 'history', 10, { room, after: 1, limit: 100 }),
    tell(
      'reply',
      encodeReply('history', 10, {
        messages: [{ seq: 2, at: at + 1, from: alice, ...message, wrap: filled(256, 0x22) }],
        through: 2,
        more: false,
      }),
    ),
  ];
}

const SHOWN_HEX_BYTES = 24;

export function sessionWalkThrough(): string {
  const blocks = [...loginSteps(), ...roomSteps()].map(({ from, says, frame }) => {
    const decoded = decodeStrict(frame, frameCaps);
    if (!decoded.ok) throw new Error(`the walk-through made a bad frame: ${decoded.reason}`);
    const hex = `${toHex(frame.subarray(0, SHOWN_HEX_BYTES))}${frame.length > SHOWN_HEX_BYTES ? '…' : ''}`;
    return `${from === 'client' ? '→' : '←'} ${says}\n    ${notation(decoded.value)}\n    ${hex} (${frame.length} bytes)`;
  });
  return `\`\`\`\n${blocks.join('\n')}\n\`\`\``;
}

/** Like JSON, with h'…'(n) for n bytes of binary. */
function notation(value: unknown): string {
  if (value instanceof Uint8Array)
    return `h'${toHex(value.subarray(0, 2))}${value.length > 2 ? '…' : ''}'(${value.length})`;
  if (Array.isArray(value)) return `[${value.map(notation).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, field]) => `${name}: ${notation(field)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}
