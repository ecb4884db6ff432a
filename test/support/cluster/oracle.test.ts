import { expect, test } from 'vitest';
import type { MessageStatus, Room, RoomMessage } from '../../../client/sdk/index.ts';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import { parseRoomName, parseUserName } from '../../../src/protocol/names.ts';
import { Oracle } from './oracle.ts';

const room = parseRoomName('Lobby') ?? expect.unreachable();
const from = parseUserName('Ann') ?? expect.unreachable();
const user = parseUserId('11'.repeat(16)) ?? expect.unreachable();
const id = parseMessageId('22'.repeat(16)) ?? expect.unreachable();
const soon = { deadlineMs: 200 };

function shown(seq: number, text: string, status: MessageStatus = 'ok'): RoomMessage {
  return { type: 'message', room, seq, id, from, user, at: 0, status, trust: 'pinned', text };
}

/** Acknowledges at the next position. */
function speaking(): Pick<Room, 'send'> {
  let seq = 0;
  return {
    send: async () => {
      seq += 1;
      return { room, seq, id, at: 0 };
    },
  };
}

function showing(...messages: readonly RoomMessage[]): Pick<Room, 'follow' | 'head' | 'joined'> {
  async function* follow(): AsyncGenerator<RoomMessage> {
    yield* messages;
  }
  return { head: 0, joined: 0, follow };
}

/** Ann says three things, and a reader is shown this. */
async function heldTo(...messages: readonly RoomMessage[]): Promise<Oracle> {
  const oracle = new Oracle();
  const ann = speaking();
  for (let i = 0; i < 3; i += 1) await oracle.say(ann, 'Ann');
  oracle.follow(showing(...messages), 'Bob');
  return oracle;
}

const [one, two, three] = [shown(1, 'Ann 1'), shown(2, 'Ann 2'), shown(3, 'Ann 3')];

test('the oracle is content with everything once and in order', async () => {
  const oracle = await heldTo(one, two, three);
  await oracle.verify(soon);
});

test('the oracle finds what is missing', async () => {
  const oracle = await heldTo(one, three);
  await expect(oracle.verify(soon)).rejects.toThrow('Bob never saw Ann 2');
});

test.each([
  ['a message shown twice', [one, two, two, three]],
  ['a message shown twice at two positions', [one, two, three, shown(4, 'Ann 2')]],
  ['messages out of order', [one, three, two]],
  ['a message at another place than its sender was told', [one, shown(3, 'Ann 2'), shown(4, 'Ann 3')]],
  ['a message of a sender behind a later one', [shown(1, 'Ann 2'), shown(2, 'Ann 1'), three]],
  ['a gap', [one, two, { type: 'gap', room, from, missing: 1, seq: 3 }, three]],
  ['a message that does not open', [one, two, shown(3, 'Ann 3', 'undecryptable')]],
] satisfies [string, RoomMessage[]][])('the oracle finds %s', async (_, messages) => {
  const oracle = await heldTo(...messages);
  await expect(oracle.verify(soon)).rejects.toThrow();
});

test('the oracle finds two readers that saw different things at one position', async () => {
  const oracle = await heldTo(one, two, three, shown(4, 'Eve 1'));
  oracle.follow(showing(one, two, three, shown(4, 'Eve 2')), 'Cid');
  await expect(oracle.verify(soon)).rejects.toThrow('Cid saw Eve 2 at 4, where Eve 1 is');
});

test('the oracle finds a reader that stopped', async () => {
  const oracle = await heldTo(one, two, three);
  const stops: Pick<Room, 'follow' | 'head' | 'joined'> = {
    ...showing(),
    follow: () => {
      throw new Error('no more');
    },
  };
  const late = new Oracle();
  late.follow(stops, 'Dan');
  await expect(late.verify(soon)).rejects.toThrow('Dan stopped reading');
  await oracle.verify(soon);
});
