import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interposed } from '../../test/support/ports/interposed.ts';
import { anyRoom } from '../../test/support/ports/service-world.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { storesForTest } from '../../test/support/ports/temporary-stores.ts';
import type { MessageStore, NewMessage } from '../ports/message-store.ts';
import { parseMessageId, parseUserId } from '../protocol/ids.ts';
import { APPEND_BATCH_MESSAGES_MAX, APPEND_WAITING_BYTES_MAX, AppendBatcher } from './send-queue.ts';

describe('the append batcher', () => {
  const room = anyRoom();
  let store: Interposed<MessageStore>;
  let batches: number[];
  let batcher: AppendBatcher;
  beforeEach(async () => {
    store = new Interposed<MessageStore>((await storesForTest()).messages);
    batches = [];
    batcher = new AppendBatcher(store.port, silentTelemetry({ appendBatch: (count) => batches.push(count) }));
  });

  function message(seq: number, wrapBytes = 256): NewMessage {
    const sender = parseUserId(new Uint8Array(randomBytes(16)));
    const messageId = parseMessageId(new Uint8Array(randomBytes(16)));
    if (sender === undefined || messageId === undefined) throw new Error('16 bytes are an id');
    const empty = new Uint8Array(0);
    const contents = { header: empty, headerHash: empty, ciphertext: empty, recipients: empty };
    return {
      room,
      seq,
      at: 1,
      sender,
      messageId,
      ...contents,
      wraps: new Uint8Array(wrapBytes),
      expiresAt: 1,
    };
  }

  it('gathers the messages of one turn, and those that come while a batch is under way', async () => {
    const held = store.hold('append');
    const first = [batcher.append(message(1)), batcher.append(message(2))];
    await held.arrived;
    const second = [3, 4, 5].map((seq) => batcher.append(message(seq)));
    held.release();
    for (const outcome of await Promise.all([...first, ...second]))
      expect(outcome).toEqual({ kind: 'stored' });
    expect(batches).toEqual([2, 3]);
  });

  it('gives each message its own outcome', async () => {
    const twice = message(1);
    const outcomes = await Promise.all([
      batcher.append(twice),
      batcher.append(message(1)),
      batcher.append(twice),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'taken', 'duplicate']);
  });

  it('begins a full batch though another is under way', async () => {
    const held = store.hold('append');
    const slow = batcher.append(message(1));
    await held.arrived;
    const many = Array.from({ length: APPEND_BATCH_MESSAGES_MAX }, (_, index) =>
      batcher.append(message(index + 2)),
    );
    await Promise.all(many);
    held.release();
    expect(await slow).toEqual({ kind: 'stored' });
    expect(batches).toEqual([1, APPEND_BATCH_MESSAGES_MAX]);
  });

  it('fails what waits together with the batch before it, and works again after that', async () => {
    const held = store.hold('append');
    const first = batcher.append(message(1));
    await held.arrived;
    store.lose('append');
    held.release();
    const behind = batcher.append(message(2));
    expect(await first).toEqual({ kind: 'stored' });
    await expect(behind).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await batcher.append(message(3))).toEqual({ kind: 'stored' });
  });

  it('lets no more bytes wait than its cap', async () => {
    const held = store.hold('append');
    const first = batcher.append(message(1));
    await held.arrived;
    const large = 1024 * 1024;
    const waiting = Array.from({ length: APPEND_WAITING_BYTES_MAX / large - 1 }, (_, index) =>
      batcher.append(message(index + 2, large)),
    );
    await expect(batcher.append(message(99, 20 * large * 4))).rejects.toMatchObject({ name: 'Unavailable' });
    held.release();
    await Promise.all([first, ...waiting]);
  });
});
