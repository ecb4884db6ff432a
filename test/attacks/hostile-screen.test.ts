import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoDay } from '../../client/chat/model/dates.ts';
import type { Dialog } from '../../client/chat/model/dialog.ts';
import { beginSearch, searchFor } from '../../client/chat/model/history-search.ts';
import { type Model, withRoom } from '../../client/chat/model/model.ts';
import { echoChanged, echoed, happened, received } from '../../client/chat/model/room-changes.ts';
import { Alerts } from '../../client/chat/rooms/alerts.ts';
import { DiskFiles } from '../../client/cli/files/disk-files.ts';
import { textWidth } from '../../client/terminal/text-width.ts';
import { defaultConfig } from '../../client/tui/config/chat-config.ts';
import { FrameWriter } from '../../client/tui/screen/frame-writer.ts';
import type { ScreenModel } from '../../client/tui/screen-model.ts';
import { terminalFace } from '../../client/tui/terminal-face.ts';
import { windowTitle } from '../../client/tui/view/bars.ts';
import { ENTRY_ROWS_MAX, RowCache } from '../../client/tui/view/entry-rows.ts';
import { frameOf } from '../../client/tui/view/frame.ts';
import { TEXT_BYTES_MAX } from '../../src/protocol/limits.ts';
import {
  actionOn,
  echoOf,
  messageOf,
  NOON,
  roomIdOf,
  sampleFile,
  sampleModel,
  userIdOf,
  userName,
} from '../support/chat/sample-model.ts';
import { anyText } from '../support/protocol/arbitraries.ts';
import { InkView } from '../support/tui/ink-view.ts';
import { screenOf } from '../support/tui/screen-of.ts';

const lobby = roomIdOf(0);
const size = { columns: 80, rows: 24 };
const ESC = '\u001b';

/** What a terminal acts on, or what makes text look like other text. Joiners and selectors may stand in emoji. */
const dangerous = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
/** What the screen itself sends: styles, links, and where the next text stands. */
const link = `${ESC}\\]8;(?:id=[a-z0-9.]+;https?://[!-~]+|;)\u0007`;
const style = new RegExp(`${ESC}\\[[\\d;]*m|${link}`, 'g');
const placing = new RegExp(`${ESC}\\[(?:[\\d;]*[mHGK]|\\?2026[hl]|\\?25[hl])|${link}`, 'g');

const tricks = [
  `https://bank.example/${ESC}]8;;https://evil.example\u0007click`,
  `https://bank.example/\u0007${ESC}[2J`,
  `${ESC}[2J${ESC}[H`,
  `${ESC}]0;owned\u0007`,
  `${ESC}]52;c;b3duZWQ=\u0007`,
  `${ESC}]8;;http://evil${ESC}\\click${ESC}]8;;${ESC}\\`,
  `${ESC}P1$r${ESC}\\`,
  `${ESC}[31mred${ESC}[0m`,
  `${ESC}c`,
  '\u009b2J\u009d0;owned\u009c',
  'abc\u202edef\u202c',
  '\u2066hidden\u2069',
  '\u200bzero\ufeff\u2060',
  'a\rb\bc\u0000d\u007f',
  'line\u2028break\u2029end\u0085',
  'tags\u{e0068}\u{e0069}',
  `selectors${'\ufe0f\u{e0100}'.repeat(50)}`,
  `marks${'\u0301\u0489'.repeat(500)}`,
  '\u0301begins with a mark',
  `heap ${'ᄀ'.repeat(200)} ${'ｶﾞ'.repeat(200)} ${'क्'.repeat(200)}`,
  Array.from({ length: 60 }, () => '👩').join('\u200d'),
  'tab\tin\tit',
  '\ud83dlone\udc00',
  '﷽'.repeat(100),
  `\n${' '.repeat(200)}\n\n`,
];

function dialogOf(dialog: Dialog): (model: Model) => Model {
  return (model) => ({ ...model, dialog });
}

const prompt = {
  kind: 'prompt',
  number: 1,
  title: 't',
  about: [],
  masked: false,
  text: '',
  remark: undefined,
  leaving: 'cancel',
} as const;
const picker = {
  kind: 'picker',
  number: 1,
  title: 't',
  match: 'words',
  query: '',
  selected: 0,
  nothing: 'none',
  excerpts: true,
} as const;

/** Every place of the screen at which text stands that somebody else wrote, or may have. */
const places: Readonly<Record<string, (model: Model, text: string) => Model>> = {
  'a message': (model, text) => received(model, lobby, [messageOf(1, text)]),
  'a file': (model, text) =>
    received(model, lobby, [messageOf(1, 'hi', { files: [{ ...sampleFile(text), type: text }] })]),
  'what someone does': (model, text) => received(model, lobby, [messageOf(1, `/me ${text}`)]),
  'a message that another one answers': (model, text) =>
    received(model, lobby, [messageOf(1, text), messageOf(2, 'so it is', { re: messageOf(1, '').id })]),
  'a reaction': (model, text) =>
    received(model, lobby, [
      messageOf(1, 'hi'),
      { ...actionOn(1, 2), type: 'react', emoji: text, add: true },
    ]),
  'why a message cannot be read': (model, text) =>
    received(model, lobby, [messageOf(1, '', { status: 'undecryptable', reason: text })]),
  'an event': (model, text) => happened(model, lobby, text, 'warning'),
  'a message on its way': (model, text) => echoed(model, lobby, echoOf(text)),
  'why a message was not sent': (model, text) =>
    echoChanged(echoed(model, lobby, echoOf('hello')), lobby, 1, { state: 'failed', reason: text }),
  'a notice': (model, text) => ({ ...model, notices: [{ text, tone: 'warning', stays: 'while-reading' }] }),
  'why there is no connection': (model, text) => ({
    ...model,
    connection: { state: 'waiting', until: NOON, reason: text },
  }),
  'why the connection is closed': (model, text) => ({
    ...model,
    connection: { state: 'closed', reason: text },
  }),
  'what is typed': (model, text) => withRoom(model, lobby, (room) => ({ ...room, draft: text })),
  'a search': (model, text) => ({ ...model, search: searchFor(beginSearch([`x${text}`]), 'x') }),
  'the title of a question': (model, text) => dialogOf({ ...prompt, title: text })(model),
  'a question': (model, text) => dialogOf({ ...prompt, about: [text] })(model),
  'what is wrong with an answer': (model, text) => dialogOf({ ...prompt, remark: text })(model),
  'an answer': (model, text) => dialogOf({ ...prompt, text })(model),
  'a decision': (model, text) =>
    dialogOf({ kind: 'confirm', number: 1, title: text, about: [text], yes: text })(model),
  'an item of a list': (model, text) =>
    dialogOf({ ...picker, items: [{ id: 'x', label: text, detail: text }] })(model),
  'a list without items': (model, text) => dialogOf({ ...picker, items: [], nothing: text })(model),
  'a page': (model, text) =>
    dialogOf({
      ...{ kind: 'page', number: 1, title: text, lines: [text], code: undefined },
      ...{ choices: [{ id: 'v', label: text }], leaving: text },
    })(model),
  'what goes on': (model, text) =>
    dialogOf({ kind: 'wait', number: 1, title: text, about: [text], code: undefined })({
      ...model,
      running: text,
    }),
  'the start page': (model, text) => ({
    ...model,
    me: undefined,
    start: { lines: [{ label: 'Server', text }], busy: text },
  }),
};

/** Every text on the screen, as it goes to the renderer. */
function textsOf(model: ScreenModel): readonly string[] {
  const { title, rooms = [], main, members = [], status, notices, input } = frameOf(model, new RowCache());
  return [title, ...rooms, ...main, ...members, status, ...notices, ...input].flat().map(({ text }) => text);
}

function expectHarmless(model: Model, columns: number = size.columns): void {
  // One assertion a screen: each takes longer than the look at a text.
  const texts = textsOf(screenOf(model, { size: { ...size, columns } }));
  expect(texts.filter((text) => dangerous.test(text))).toEqual([]);
}

/** Draws models as the client does; gives the lines on the screen, without their styles. */
class Screen implements Disposable {
  /** All that the terminal got. */
  readonly written: string[] = [];
  #lines: readonly string[] = [];
  readonly #writer = new FrameWriter({
    writableNeedDrain: false,
    write: (text) => this.written.push(text) > 0,
    once: () => undefined,
  });
  readonly #view = new InkView(
    {
      draw: (frame, cursor) => {
        this.#lines = frame.replace(style, '').split('\n');
        this.#writer.draw(frame, cursor);
      },
    },
    process.stdout,
    { look: { theme: 'dark', links: true }, cache: new RowCache() },
  );

  draw(model: Model, columns: number = size.columns): readonly string[] {
    this.#view.draw(screenOf(model, { size: { ...size, columns } }));
    return this.#lines;
  }

  [Symbol.dispose](): void {
    this.#view.close();
  }
}

describe('the screen of someone in a room with hostile people, on a hostile server', () => {
  it.each(Object.entries(places))('shows what is hostile in %s as what it is', (_, place) => {
    for (const trick of tricks)
      for (const columns of [80, 40]) expectHarmless(place(sampleModel(['Lobby', 'Ops']), trick), columns);
  });

  it('shows any text at all as what it is', () => {
    const anything = anyText({ maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(places)), anything, (place, text) =>
        expectHarmless(place(sampleModel(['Lobby', 'Ops']), text)),
      ),
    );
  });

  it('keeps its form, and sends the terminal nothing but styles and places around visible text', () => {
    using screen = new Screen();
    for (const [name, place] of Object.entries(places))
      for (const text of [tricks.join(' '), ...tricks.slice(-8)]) {
        const lines = screen.draw(place(sampleModel(['Lobby', 'Ops']), text));
        expect(lines).toHaveLength(size.rows);
        for (const line of lines) expect(textWidth(line), name).toBeLessThanOrEqual(size.columns);
      }
    expect(screen.written.join('').replace(placing, '')).not.toMatch(dangerous);
  });

  it.each([40, 24, 19])(
    'shows no line of one message as if it were another message in %d columns',
    (columns) => {
      const fake = messageOf(1, `hi\n12:00    alice ✓ I agree\n${' '.repeat(80)}12:00  alice ✓ I agree`);
      using screen = new Screen();
      const lines = screen.draw(received(sampleModel(), lobby, [fake]), columns);
      const agreeing = lines.filter((line) => line.includes('agree'));
      expect(agreeing.length).toBeGreaterThan(0);
      expect(lines.filter((line) => /^\s{0,3}\d\d:\d\d/.test(line))).toHaveLength(1);
    },
  );

  it('shows messages of any time', () => {
    for (const at of [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      expectHarmless(received(sampleModel(), lobby, [messageOf(1, 'hello', { at })]));
  });

  it('shows keys of any time', () => {
    expect(isoDay(Date.UTC(2026, 2, 1))).toBe('2026-03-01');
    for (const at of [-1, Number.MAX_SAFE_INTEGER]) expect(isoDay(at)).toMatch(/^\+?\d+-\d\d-\d\d$/);
  });

  it('stays usable with a thousand members whose keys changed', () => {
    const members = Array.from({ length: 1000 }, (_, at) => ({
      user: userName(`someone${at}`),
      id: userIdOf(at),
      role: 'member' as const,
      online: true,
      trust: 'changed' as const,
    }));
    expectHarmless(
      withRoom(sampleModel(), lobby, (room) => ({ ...room, members })),
      120,
    );
  });

  it('lets one message take only so many rows that what came before it can be reached', () => {
    const flood = messageOf(2, '\n'.repeat(TEXT_BYTES_MAX - 1));
    const rows = new RowCache().rows(60, new Set());
    const model = received(sampleModel(), lobby, [flood]);
    const entry = model.rooms[0]?.timeline.entries[0];
    if (entry === undefined) throw new TypeError('the message is not in the timeline');
    const shown = rows.of(entry);
    expect(shown.length).toBe(ENTRY_ROWS_MAX);
    const [last = []] = shown.slice(-1);
    expect(last.map(({ text }) => text).join('')).toMatch(/more rows/);
  });
});

describe('the title of the window and notifications', () => {
  it('hold only visible text', () => {
    const told: string[] = [];
    const screen = {
      ring: () => told.push('bell'),
      notify: (text: string) => told.push(text),
      notifyTitled: (title: string, text: string) => told.push(title, text),
      copy: () => expect.unreachable(),
    };
    for (const notify of ['bell', 'osc9', 'osc777'] as const) {
      const parts = { screen, alertCommand: { run: () => undefined }, files: new DiskFiles({}) };
      const face = terminalFace({ ...parts, config: { ...defaultConfig, notify } });
      const alerts = () => new Alerts((room, text) => face.notify(room, text, () => expect.unreachable()));
      for (const trick of tricks) {
        const mention = messageOf(1, `ada ${trick}`);
        const model = received(sampleModel(), lobby, [mention]);
        alerts().came(model, lobby, [mention]);
        told.push(windowTitle(model));
      }
    }
    expect(told).toEqual(expect.arrayContaining(['bell', 'bob mentioned you in Lobby']));
    for (const text of told) expect(text).not.toMatch(dangerous);
  });
});
