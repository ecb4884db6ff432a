/** Child process: honest members of one room, who send and ping while others do what they like. */
import { setTimeout as pause } from 'node:timers/promises';
import { Latencies } from '../../loadtest/native/latencies.ts';
import {
  type Fields,
  isFields,
  listIn,
  numberIn,
  serveParent,
  textIn,
} from '../../loadtest/native/parent-and-child.ts';
import { monotonicMicros } from '../../loadtest/native/process-accounting.ts';
import { bytesOf, loadSharedKeys, toRoomId, toUserId } from '../../loadtest/wire/accounts.ts';
import { inTurns } from '../../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { userName, WireSession } from '../../loadtest/wire/wire-session.ts';
import { rawMessage } from '../../test/support/raw-client.ts';

const CONNECTS_AT_ONCE = 4;
/** The head of a `deliver` frame, an array of eight. */
const DELIVER = 0x98;
const PING_EVERY_MS = 200;
const SEND_EVERY_MS = 2_000;
/** How long a message may be on its way after the last one was accepted. */
const LATE_MS = 5_000;
const LOOK_EVERY_MS = 20;

const buffer = new ReadBuffer();
let members: readonly Member[] = [];
let delivered = 0;
let lost = 0;

interface Member {
  readonly session: WireSession;
  readonly send: () => Promise<unknown>;
}

async function enter(fields: Fields): Promise<Fields> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const room = toRoomId(fields['room']);
  const accounts = listIn(fields, 'accounts');
  members = await inTurns(accounts, CONNECTS_AT_ONCE, async (account): Promise<Member> => {
    if (!isFields(account)) throw new TypeError('not an account');
    const session = await WireSession.open(textIn(fields, 'url'), buffer);
    const { onFrame, onClose } = session.socket;
    session.socket.onFrame = (payload) => {
      if (payload[0] === DELIVER) delivered += 1;
      else onFrame(payload);
    };
    session.socket.onClose = (code) => {
      lost += 1;
      onClose(code);
    };
    await session.resume(bytesOf(textIn(account, 'token')), keys);
    const { rooms } = await session.request('enter', { rooms: [room] });
    const version = rooms[0]?.info?.version;
    if (version === undefined) throw new Error('the room could not be entered');
    const sender = { name: userName(textIn(account, 'name')), user: toUserId(account['user']), keys };
    const message = { room, version, account: sender, members: accounts.length };
    return { session, send: () => session.request('send', rawMessage(message)) };
  });
  return {};
}

/** Each member on its own beat, so that the load is even. */
async function beat(
  index: number,
  everyMs: number,
  untilMs: number,
  act: () => Promise<unknown>,
): Promise<void> {
  await pause((everyMs * index) / members.length);
  for (let next = performance.now(); performance.now() < untilMs; ) {
    await act();
    next = Math.max(next + everyMs, performance.now());
    await pause(next - performance.now());
  }
}

async function run(fields: Fields): Promise<Fields> {
  const untilMs = performance.now() + numberIn(fields, 'seconds') * 1_000;
  const pings = new Latencies();
  let accepted = 0;
  let refused = 0;
  delivered = 0;
  lost = 0;
  const ping = async ({ session }: Member): Promise<void> => {
    const from = monotonicMicros();
    try {
      await session.request('ping', {});
      pings.add(monotonicMicros() - from);
    } catch {
      refused += 1;
    }
  };
  const send = async (member: Member): Promise<void> => {
    try {
      await member.send();
      accepted += 1;
    } catch {
      refused += 1;
    }
  };
  await Promise.all(
    members.flatMap((member, index) => [
      beat(index, PING_EVERY_MS, untilMs, () => ping(member)),
      beat(index, SEND_EVERY_MS, untilMs, () => send(member)),
    ]),
  );
  const expected = accepted * members.length;
  const lateMs = performance.now() + LATE_MS;
  while (delivered < expected && performance.now() < lateMs) await pause(LOOK_EVERY_MS);
  return {
    pings: pings.count,
    p50: pings.quantile(0.5),
    p99: pings.quantile(0.99),
    most: pings.most,
    accepted,
    // A message whose reply was lost may have been delivered all the same.
    missing: Math.max(0, expected - delivered),
    refused,
    lost,
  };
}

serveParent({ enter, run });
