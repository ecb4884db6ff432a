/**
 * npx tsx bench/tui.ts --help
 * What the full-screen client takes with a long timeline: its memory, and the time from a key to the screen.
 */
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
import { coreWaitMicros, residentBytes } from '../loadtest/native/process-accounting.ts';
import { messagesAfter, roomIdOf, sampleModel } from '../test/support/chat/sample-model.ts';
import { People } from '../test/support/cluster/people.ts';
import { startNewChat } from '../test/support/terminal/chat-terminal.ts';
import { deploy } from './support/deployment.ts';
import { fillRoom, roomOf } from './support/fill-room.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow, spreadCells } from './support/table.ts';

const values = benchOptions('Measures the full-screen client with a long timeline.', {
  live: ['10000', 'that come to the real client, for its memory; 0 leaves it out'],
  messages: ['10000', 'in the timeline while keys are typed'],
  keys: ['500', 'typed for each size of the screen'],
});

const MIB = 1024 * 1024;
/** A person types no faster. */
const BETWEEN_KEYS_MS = 40;
const ARRIVAL_MS_MAX = 600_000;
const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
] as const;

if (values.live !== '0') {
  printHead('messages in the timeline', 'MiB');
  await measureMemory(Number(values.live));
}
printHead('screen', 'p50 ms', 'p99 ms', 'most ms', 'own p50', 'own p99', 'own most');
for (const size of sizes) await measureKeys(size, Number(values.messages), Number(values.keys));

/** The real client in a real terminal, as all of these messages come to it live. */
async function measureMemory(messages: number): Promise<void> {
  await using deployment = await deploy('embedded');
  const gateway = await deployment.start();
  await using people = new People();
  const room = await roomOf(people, 'bob', gateway.url, 'Long');
  await using terminal = await startNewChat({
    ...{ server: gateway.url, profile: join(deployment.folder, 'ann'), user: 'ann', room: 'Long' },
    ...{ columns: 120, rows: 40 },
  });
  await terminal.shows(/Long {2}open room/);
  const pid = Number(await terminal.fact('pane_pid'));
  const print = (title: string): void => printRow(title, (residentBytes(pid) / MIB).toFixed(0));
  print('0');
  const begin = performance.now();
  await fillRoom(room, messages);
  await terminal.shows(`number ${messages - 1},`, ARRIVAL_MS_MAX);
  print(`${messages}, sent and shown within ${((performance.now() - begin) / 1_000).toFixed(0)} s`);
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
  printRow(`${size.columns} × ${size.rows}`, ...spreadCells(times), ...spreadCells(ownTimes));
}
