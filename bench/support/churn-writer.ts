/** In a process of its own, so that neither its epochs nor those of others delay anybody else: a member that writes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ConclaveClient, Room } from '../../client/sdk/index.ts';
import { numberIn, serveParent, textIn } from '../../loadtest/native/parent-and-child.ts';
import { cpuMicros } from '../../loadtest/native/process-accounting.ts';
import { newClient } from './epoch-people.ts';

let client: ConclaveClient | undefined;
let room: Room | undefined;

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('this writer has not come in yet');
  return value;
}

serveParent({
  /** `makes`: creates the room, which others join. */
  'come in': async (fields) => {
    client = await newClient(textIn(fields, 'url'), textIn(fields, 'name'));
    const name = textIn(fields, 'room');
    if (fields['makes'] === true) await client.create(name, { suite: 2 });
    else await client.join(name);
    return {};
  },
  /** Pins everybody. */
  begin: async (fields) => {
    room = await opened(client).room(textIn(fields, 'room'));
    await room.send('hello');
    return {};
  },
  write: async (fields) => {
    const [seconds, everyMs] = [numberIn(fields, 'seconds'), numberIn(fields, 'everyMs')];
    const [until, cpuBefore] = [performance.now() + seconds * 1_000, cpuMicros(process.pid)];
    const times: number[] = [];
    let failed = 0;
    while (performance.now() < until) {
      const begin = performance.now();
      await opened(room)
        .send('hello')
        .then(
          () => times.push(performance.now() - begin),
          () => (failed += 1),
        );
      await pause(everyMs);
    }
    return { times, failed, cpuMs: (cpuMicros(process.pid) - cpuBefore) / 1_000 };
  },
  leave: async () => {
    await client?.close();
    return {};
  },
});
