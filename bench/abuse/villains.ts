/** Child process: everybody hostile, or the same bytes for a sink. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Fields,
  isFields,
  listIn,
  numberIn,
  serveParent,
  textIn,
} from '../../loadtest/native/parent-and-child.ts';
import { bytesOf, loadSharedKeys, toRoomId, toUserId } from '../../loadtest/wire/accounts.ts';
import { KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { attacks, type Meter, type Villain } from './attacks.ts';

/** After a connection that could not be opened at all. */
const REFUSED_PAUSE_MS = 20;
const STEP_MS = 10;

let villains: readonly Villain[] = [];
let meter: Meter = { bytes: 0, opens: 0 };
let isOver = true;
const open = new Set<() => void>();
let running: Promise<unknown> = Promise.resolve();

async function prepare(fields: Fields): Promise<Fields> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const making = listIn(fields, 'accounts').map(async (account, index): Promise<Villain> => {
    if (!isFields(account)) throw new TypeError('not an account');
    return {
      url: textIn(fields, 'url'),
      localAddress: `127.0.1.${1 + index}`,
      user: toUserId(account['user']),
      token: bytesOf(textIn(account, 'token')),
      person: await KeyedPerson.make(textIn(account, 'name'), keys),
      room: toRoomId(fields['room']),
      get meter() {
        return meter;
      },
      isOver: () => isOver,
      open,
    };
  });
  villains = await Promise.all(making);
  return {};
}

function begin(work: readonly (() => Promise<void>)[]): Fields {
  meter = { bytes: 0, opens: 0 };
  isOver = false;
  running = Promise.all(work.map((one) => one()));
  return {};
}

function attack(fields: Fields): Fields {
  const chosen = attacks.find(({ name }) => name === textIn(fields, 'attack'));
  if (chosen === undefined) throw new Error('no such attack');
  const { each, live } = chosen;
  const again = async (villain: Villain): Promise<void> => {
    while (!isOver) {
      try {
        await live(villain);
      } catch {
        await pause(REFUSED_PAUSE_MS);
      }
    }
  };
  const active = villains.slice(0, numberIn(fields, 'villains'));
  return begin(active.flatMap((villain) => Array.from({ length: each }, () => () => again(villain))));
}

/** Evenly, to a port on which somebody reads and does nothing else. */
function pump(fields: Fields): Fields {
  const [port, connections] = [numberIn(fields, 'port'), numberIn(fields, 'connections')];
  const chunk = Buffer.alloc(Math.ceil((numberIn(fields, 'bytesPerSecond') * STEP_MS) / 1_000 / connections));
  const opensPerStep = (numberIn(fields, 'opensPerSecond') * STEP_MS) / 1_000;
  const dial = (): ReturnType<typeof connect> => {
    meter.opens += 1;
    return connect(port, '127.0.0.1').on('error', () => undefined);
  };
  const run = async (): Promise<void> => {
    const sockets = Array.from({ length: connections }, dial);
    let due = 0;
    for (let last = performance.now(); !isOver; ) {
      const steps = (performance.now() - last) / STEP_MS;
      last = performance.now();
      for (const socket of sockets) {
        socket.write(steps > 1.5 ? Buffer.alloc(Math.ceil(chunk.length * steps)) : chunk);
        meter.bytes += chunk.length * steps;
      }
      for (due += opensPerStep * steps; due >= 1; due -= 1) dial().end();
      await pause(STEP_MS);
    }
    for (const socket of sockets) socket.destroy();
  };
  return begin([run]);
}

async function stop(): Promise<Fields> {
  isOver = true;
  for (const end of open) end();
  await running;
  return { bytes: meter.bytes, opens: meter.opens };
}

serveParent({ prepare, attack, pump, stop });
