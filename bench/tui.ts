/**
 * npx tsx bench/tui.ts --help
 * What the full-screen client takes with a long timeline: its memory, and the time from a key to the screen.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Input } from '../client/chat/input/input.ts';
import { InputHistories } from '../client/chat/input/input-histories.ts';
import { received } from '../client/chat/model/room-changes.ts';
import { Store } from '../client/chat/store.ts';
import { insertText } from '../client/tui/editor/edit.ts';
import { DraftEditor } from '../client/tui/input/draft-editor.ts';
import { KeyReader } from '../client/tui/keys/key-reader.ts';
import { FrameWriter } from '../client/tui/screen/frame-writer.ts';
import { emptyScreen } from '../client/tui/screen-model.ts';
import { ScreenStore } from '../client/tui/screen-store.ts';
import { RowCache } from '../client/tui/view/entry-rows.ts';
import { coreWaitMicros, loadNow, residentBytes } from '../loadtest/native/process-accounting.ts';
import { messagesAfter, roomIdOf, sampleModel } from '../test/support/chat/sample-model.ts';
import { startGateway } from '../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../test/support/cluster/patience.ts';
import { People } from '../test/support/cluster/people.ts';
import { startNewChat } from '../test/support/terminal/chat-terminal.ts';
import { benchOptions } from './support/options.ts';

const values = benchOptions('Measures the full-screen client with a long timeline.', {
  live: ['10000', 'that come to the real client, for its memory; 0 leaves it out'],
  messages: ['10000', 'in the timeline while keys are typed'],
  keys: ['500', 'typed for each size of the screen'],
});

const MIB = 1024 * 1024;
const SENDS_AT_ONCE = 200;
/** A person types no faster. */
const BETWEEN_KEYS_MS = 40;
const ARRIVAL_MS_MAX = 600_000;
const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
] as const;

if (values.live !== '0') await measureMemory(Number(values.live));
for (const size of sizes) await measureKeys(size, Number(values.messages), Number(values.keys));

/** The real client in a real terminal, as all of these messages come to it live. */
async function measureMemory(messages: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-bench-tui-'));
  try {
    await using gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
    await using people = new People();
    const bob = await people.register('bob', gateway.url);
    await bob.client.create('Long');
    const room = await bob.client.room('Long');
    const profile = join(folder, 'ann');
    const size = { columns: 120, rows: 40 };
    await using terminal = await startNewChat({
      server: gateway.url,
      profile,
      user: 'ann',
      room: 'Long',
      ...size,
    });
    await terminal.shows(/Long {2}open room/);
    const pid = Number(await terminal.fact('pane_pid'));
    console.log(`memory with an empty timeline: ${mib(residentBytes(pid))} MiB`);
    const begin = performance.now();
    for (let sent = 0; sent < messages; sent += SENDS_AT_ONCE) {
      const count = Math.min(SENDS_AT_ONCE, messages - sent);
      await Promise.all(Array.from({ length: count }, (_, at) => room.send(textOf(sent + at))));
    }
    await terminal.shows(`number ${messages - 1},`, ARRIVAL_MS_MAX);
    const seconds = ((performance.now() - begin) / 1_000).toFixed(0);
    const memory = mib(residentBytes(pid));
    console.log(
      `memory with ${messages} messages, sent and shown in ${seconds} s: ${memory} MiB; load ${loadNow()}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function textOf(number: number): string {
  return `number ${number}, and some more words so that it is about as long as what people write to each other`;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

/** From the bytes of a key to the write of the frame that shows it, in this process: without the terminal's own time. */
async function measureKeys(
  size: { readonly columns: number; readonly rows: number },
  messages: number,
  keys: number,
): Promise<void> {
  process.env['NODE_ENV'] = 'production';
  process.env['FORCE_COLOR'] = '1';
  const { InkView } = await import('../client/tui/view/ink-view.tsx');
  let drawn = (): void => undefined;
  const frames = new FrameWriter({
    writableNeedDrain: false,
    write: () => {
      drawn();
      return true;
    },
    once: () => undefined,
  });
  const view = new InkView({ draw: (frame, cursor) => frames.draw(frame, cursor) }, process.stdout, {
    look: { theme: 'dark', links: true },
    cache: new RowCache(),
  });
  const store = new Store(received(sampleModel(), roomIdOf(0), messagesAfter(0, messages)));
  const screen = new ScreenStore(
    store,
    { ...emptyScreen, size },
    { look: () => undefined, draw: (model) => view.draw(model) },
  );
  const histories = new InputHistories({ putHistory: async () => undefined }, new Map(), () => undefined);
  const draft = new DraftEditor(new Input(store, histories, () => undefined), screen);
  const input = new PassThrough();
  const reader = new KeyReader(input);
  reader.onEvent((event) => {
    if (event.type === 'text') draft.change((editor) => insertText(editor, event.text));
  });
  screen.drawNow();
  const times: number[] = [];
  const ownTimes: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    const shown = new Promise<void>((resolve) => {
      drawn = resolve;
    });
    const [start, waited] = [performance.now(), coreWaitMicros(process.pid)];
    input.write('x');
    await shown;
    const ms = performance.now() - start;
    times.push(ms);
    ownTimes.push(ms - (coreWaitMicros(process.pid) - waited) / 1_000);
    await pause(BETWEEN_KEYS_MS);
  }
  reader.close();
  screen.close();
  view.close();
  console.log(
    `key to frame at ${size.columns} × ${size.rows}, ${messages} messages: ${spread(times)}; less the wait for a core ${spread(ownTimes)}; load ${loadNow()}`,
  );
}

/** Of milliseconds. */
function spread(times: readonly number[]): string {
  const rising = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (rising[Math.floor((rising.length - 1) * share)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}
