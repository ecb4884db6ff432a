import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConclaveClient } from '../../client/sdk/api.ts';
import { pseudo } from '../support/texts/pseudo-locale.ts';

vi.mock(import('../../client/texts/texts.ts'), async (original) => ({
  texts: pseudo((await original()).texts),
}));
vi.mock(import('../../client/texts/chat-texts.ts'), async (original) => ({
  chatTexts: pseudo((await original()).chatTexts),
}));
vi.mock(import('../../client/texts/tui-texts.ts'), async (original) => ({
  tuiTexts: pseudo((await original()).tuiTexts),
}));

// Other files of this process have loaded the code with its own language, and others still will.
vi.resetModules();
afterAll(() => {
  vi.resetModules();
});

const { chatTexts } = await import('../../client/texts/chat-texts.ts');
const { tuiTexts } = await import('../../client/texts/tui-texts.ts');
const { commandNames } = await import('../../client/chat/commands/command-table.ts');
const { defaultConfigText } = await import('../../client/tui/config/config-text.ts');
const { parseConfig } = await import('../../client/tui/config/chat-config.ts');
const { configKeys } = await import('../../client/tui/config/config-keys.ts');
const { actions } = await import('../../client/tui/keys/actions.ts');
const { defaultBindings } = await import('../../client/tui/keys/key-map.ts');
const { emptyScreen } = await import('../../client/tui/screen-model.ts');
const { keyItems } = await import('../../client/tui/terminal-face.ts');
const { RowCache } = await import('../../client/tui/view/entry-rows.ts');
const { frameOf } = await import('../../client/tui/view/frame.ts');
const { windowTitle } = await import('../../client/tui/view/bars.ts');
const { sampleFile } = await import('../support/chat/sample-model.ts');
const { Headless } = await import('../support/chat/headless.ts');
const { LiveFixture } = await import('../support/sdk/live-fixture.ts');
const { eventually } = await import('../support/eventually.ts');

type Reader = InstanceType<typeof Headless>;

/** Written by people and machines, in no language of ours: names, commands, keys as the config file has them. */
const DATA = [
  // What is typed, and the command that is carried out.
  /›.*/g,
  /… \/[^(]*/g,
  // Commands of a shell stand in quotes; what the face without keys does is in words of its own.
  /"[^"]*"/g,
  /wave +both hands/g,
  /(?:https?|wss?):\S+/g,
  /:[\w+-]+:/g,
  /\/\/?\w+/g,
  /\b(?:Ada|Bob|Lobby|Lobb|Den|Nest|ada|bob|nobody|Conclave)\b/g,
  /\[(?:hidden|password|on\|off|none|older|newer|older\|newer)\]/g,
  /\b(?:[0-9a-f]{8}|[a-z0-9-]+\.toml\S*)\b/g,
];

/** Every frame that is drawn meanwhile, and what in it is no word of the second language. */
class Watched {
  readonly #words = new Map<string, string>();
  readonly #cache = new RowCache();
  readonly #data: readonly RegExp[];
  frames = 0;

  constructor(reader: Reader) {
    const keys = new Set(actions.flatMap((action) => [...action.keys]));
    this.#data = [
      ...DATA,
      ...[...keys].map((key) => new RegExp(`(?<![\\w+])${key.replaceAll('+', '\\+')}(?![\\w+])`, 'g')),
    ];
    reader.application.store.watch(() => {
      const size = { columns: 160, rows: 50 };
      const model = { ...reader.model, ...emptyScreen, size };
      const { title, rooms = [], main, members = [], status, notices } = frameOf(model, this.#cache);
      this.frames += 1;
      for (const row of [title, ...rooms, ...main, ...members, status, ...notices])
        this.look(row.map(({ text }) => text).join(''));
      this.look(windowTitle(model));
    });
  }

  look(row: string): void {
    const without = this.#data.reduce((text, data) => text.replace(data, ' '), row);
    for (const [word] of without.matchAll(/[a-z]{2,}/gi)) this.#words.set(word, row.trim());
  }

  get words(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#words);
  }
}

let fixture: Awaited<ReturnType<typeof LiveFixture.start>>;
let bob: ConclaveClient;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  bob = await fixture.user('Bob');
  await bob.create('Lobby');
});
afterEach(() => fixture[Symbol.asyncDispose]());

it('the screen in another language has no word of ours, whatever is shown', async () => {
  await using ada = new Headless(fixture, undefined);
  const watched = new Watched(ada);
  const { dialogs } = ada.application;
  await firstStart(ada);
  for (const line of [
    '/rooms',
    '/help',
    '/keys',
    '/quit now',
    '/nonsense',
    '/retention 1',
    '/join',
    '/me x',
    '//x',
  ]) {
    await attempted(ada, line);
  }
  await ada.line('/join Lobby');
  await eventually(() => expect(ada.room.open).toBe(true));
  const lobby = await bob.room('Lobby');
  await lobby.send('1', { files: [{ ...sampleFile('1'), type: '1', width: 3, height: 2 }] });
  for (const text of ['for Ada', 'https://x.example', '1']) await lobby.send(text.replace('for ', ''));
  await eventually(() => expect(ada.texts).toContain('1'));
  for (const line of [
    ...[
      '/who',
      '/who Bob',
      '/who nobody',
      '/members',
      '/verify Bob',
      '/trust Bob',
      '/keys Bob',
      '/ignore',
      '/ignore Bob',
    ],
    ...[
      '/ignore Bob',
      '/ignore Ada',
      '/kick Bob',
      '/reply 1',
      '/edit 2',
      '/edit',
      '/react :tada:',
      '/react',
      '/select',
      '/select newer',
      '/copy',
      '/answered',
      '/react :none_such:',
    ],
    ...[
      '/retract',
      '/search 1',
      '/links',
      '/notify',
      '/notify all',
      '/notify none',
      '/send',
      '/send 1',
      '/save',
      '/save 1',
      '/save 99',
      '/open',
      '/cancel',
      '/reconnect',
      '/leave',
      '/clear',
    ],
    ...[
      '/create Den hidden password 3',
      '/create Den hidden 3',
      '/grant nobody',
      '/owner nobody',
      '/owner Ada',
    ],
    ...[
      '/rename Nest',
      '/retention 0',
      '/retention 9',
      '/retention 99999',
      '/header',
      '/hide off',
      '/hide',
      '/password',
    ],
    ...['/password none', '/unban nobody', '/ban nobody', '/kick nobody', '/revoke Ada', '/delete'],
  ])
    await attempted(ada, line);
  const switching = ada.chat.switchRoom();
  await ada.asked('picker', chatTexts.rooms.go_to);
  dialogs.dismiss();
  await switching;
  expect(watched.frames).toBeGreaterThan(100);
  expect(watched.words).toEqual({});
});

it('the printed config file and its faults in another language have no comment of ours', () => {
  const comments = defaultConfigText()
    .split('\n')
    .filter((line) => line.startsWith('#'));
  for (const line of comments)
    expect(line.replaceAll(/"[^"]*"|\/\w+|:\w+:|OSC \d+|\[keys\]/g, '')).not.toMatch(/[a-z]{2,}/i);
  const read = parseConfig('notify = 1\nnotifi = 2\n[keys]\nhepl = "f1"\nsend = "q"', 'f');
  const names = [
    ...commandNames,
    ...Object.values(configKeys).map(({ name }) => name),
    ...actions.map(({ id }) => id),
    'keys',
    'notifi',
    'hepl',
  ];
  for (const fault of 'faults' in read ? read.faults : expect.unreachable()) {
    const words = fault.replaceAll(/"[^"]*"/g, '').match(/[a-z]{2,}(?:-[a-z]+)*/gi) ?? [];
    expect(words.filter((word) => !names.includes(word))).toEqual([]);
  }
  for (const { detail } of keyItems(defaultBindings))
    expect(detail.replaceAll(/\/\w+|:\w+/g, '')).not.toMatch(/[a-z]{2,}/i);
  expect(tuiTexts.sections.writing).not.toMatch(/[a-z]/i);
});

/** Ada answers everything that the first start asks, some of it wrongly first. */
async function firstStart(ada: Reader): Promise<void> {
  const { start } = chatTexts;
  const { dialogs } = ada.application;
  await ada.answer(start.which_server, 'not an address');
  await ada.answer(start.which_server, fixture.server.url);
  await ada.answer(start.which_name, 'no');
  await ada.answer(start.which_name, 'Ada');
  await ada.answer(start.new_passphrase('Ada'), 'secret');
  await ada.asked('confirm', start.weak_passphrase);
  dialogs.dismiss();
  await ada.answer(start.new_passphrase('Ada'), '');
  await ada.asked('confirm', start.no_passphrase);
  dialogs.agree();
  await ada.asked('page', start.you_are('Ada'));
  dialogs.accept();
  await eventually(() => expect(ada.chat).toBeDefined());
  await eventually(() => expect(ada.model.start.busy).toBeUndefined());
}

/** Carries a line out, answering what it asks: whatever comes of it, it is shown. */
async function attempted(ada: Reader, line: string): Promise<void> {
  const { dialogs, notices } = ada.application;
  let isOver = false;
  const done = ada.line(line).then(
    () => undefined,
    (error: unknown) => notices.refuse(error),
  );
  done.finally(() => {
    isOver = true;
  });
  let answered = 0;
  await eventually(() => {
    const { dialog } = ada.model;
    if (dialog !== undefined && dialog.number !== answered) {
      answered = dialog.number;
      if (dialog.kind === 'confirm') dialogs.agree();
      else dialogs.dismiss();
    }
    expect(isOver).toBe(true);
  });
  ada.chat.input.change('');
  for (const { text } of ada.model.notices) expect(text).not.toBe('');
}
