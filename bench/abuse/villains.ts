/** Child process: everybody hostile. */
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
import { attacks, type Villain } from './attacks.ts';

/** After a connection that could not be opened at all. */
const REFUSED_PAUSE_MS = 20;

let villains: readonly Villain[] = [];
let opens = 0;
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
      onOpen: () => {
        opens += 1;
      },
      isOver: () => isOver,
      open,
    };
  });
  villains = await Promise.all(making);
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
  opens = 0;
  isOver = false;
  running = Promise.all(active.flatMap((villain) => Array.from({ length: each }, () => again(villain))));
  return {};
}

async function stop(): Promise<Fields> {
  isOver = true;
  for (const end of open) end();
  await running;
  return { opens };
}

serveParent({ prepare, attack, stop });
