import { describe, expect, test } from 'vitest';
import { aboutOf, commandNames, usageOf } from '../../chat/commands/command-table.ts';
import type { Dialog, PageDialog, PickerDialog, PickerItem } from '../../chat/model/dialog.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { insertText } from '../editor/edit.ts';
import { emptyEditor } from '../editor/editor-state.ts';
import { defaultBindings } from '../keys/key-map.ts';
import type { DialogInput } from '../screen-model.ts';
import { keyItems } from '../terminal-face.ts';
import { choiceKeys, type DialogView, dialogView, pageTopMax } from './dialog-rows.ts';

const help: readonly PickerItem[] = [
  ...commandNames.map((name) => ({ id: name, label: usageOf(name), detail: aboutOf(name) })),
  ...keyItems(defaultBindings),
];

const blankInput: DialogInput = { number: 1, editor: emptyEditor, top: 0, remark: undefined };

const picker = (items: readonly PickerItem[], more: Partial<PickerDialog> = {}): PickerDialog => ({
  ...{ kind: 'picker', title: 'Help: type to search', items, match: 'words', query: '', number: 1 },
  ...{ selected: 0, nothing: 'nothing', excerpts: false, ...more },
});

const page = (lines: readonly string[]): PageDialog => ({
  ...{ kind: 'page', title: 'Safety number with bob', lines, code: undefined, number: 1, leaving: undefined },
  choices: [{ id: 'verified', label: 'it is the same: accept and mark verified' }],
});

const prompt: Dialog = {
  kind: 'prompt',
  number: 1,
  title: 'A passphrase for the keys of bartholomew',
  about: ['It protects the keys on this machine and is asked for at each start.', 'Nobody can restore it.'],
  masked: true,
  text: 'correct horse',
  remark: 'the passwords differ: enter it again',
  leaving: 'back',
};

const typed = { editor: insertText(emptyEditor, 'correct horse') };

function viewOf(dialog: Dialog, own: Partial<DialogInput>, columns: number, height: number): DialogView {
  return dialogView(dialog, { ...blankInput, ...own }, columns, height);
}

const sizes = [
  [20, 2],
  [20, 7],
  [40, 7],
  [61, 21],
  [80, 9],
  [80, 21],
  [200, 57],
] as const;

const linesOf = ({ rows }: DialogView): readonly string[] =>
  rows.map((row) => row.map(({ text }) => text).join(''));

describe('a dialog', () => {
  const dialogs: readonly Dialog[] = [
    prompt,
    {
      kind: 'confirm',
      number: 1,
      title: 'Leave Lobby?',
      about: ['You will get no more of its messages.'],
      yes: 'leave',
    },
    {
      kind: 'wait',
      number: 1,
      title: 'Trying wss://chat.example.org:443 …',
      about: ['ws: no answer'],
      code: undefined,
    },
    picker(help),
    picker([]),
    page(Array.from({ length: 40 }, (_, at) => `line ${at}`)),
  ];

  test.each(sizes)('fits into %d × %d', (columns, height) => {
    for (const dialog of dialogs) {
      const lines = linesOf(viewOf(dialog, { ...typed, remark: 'Press y or n.' }, columns, height));
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });

  test.each(sizes)('has what is typed, and the answers, in sight on %d × %d', (columns, height) => {
    const view = viewOf(prompt, typed, columns, height);
    expect(linesOf(view)[view.cursor?.row ?? -1]).toContain('•');
    const confirm = dialogs[1] ?? expect.unreachable();
    expect(linesOf(viewOf(confirm, { remark: 'Press y or n.' }, columns, height)).join('\n')).toMatch(
      /y {2}leave\s+n {2}no/,
    );
  });

  test('lets its hint go before what it says, and its title before what was wrong', () => {
    const text = (height: number): string => linesOf(viewOf(prompt, typed, 80, height)).join('\n');
    expect(text(12)).toContain('Enter: next');
    expect(text(5)).not.toContain('Enter: next');
    expect(text(5)).toContain('Nobody can restore it.');
    expect(text(3)).toContain('A passphrase for');
    expect(text(2)).toContain('the passwords differ: enter it again');
  });
});

describe('a list', () => {
  const selectedText = ({ rows }: DialogView): string =>
    rows
      .flat()
      .filter(({ style }) => style === 'selected')
      .map(({ text }) => text)
      .join(' ');

  test.each([20, 40, 61, 80, 100, 200])('says all of each command and key in %d columns', (columns) => {
    for (const item of help) {
      const text = selectedText(viewOf(picker([item]), {}, columns, 100));
      expect(text).not.toContain('…');
      for (const word of `${item.label} ${item.detail}`.split(/\s+/)) expect(text).toContain(word);
    }
  });

  test.each(sizes)('keeps what is selected in sight on %d × %d', (columns, height) => {
    for (const [selected, { label }] of help.entries()) {
      const text = selectedText(viewOf(picker(help, { selected }), {}, columns, height));
      expect(text).toContain(label.slice(0, 5));
    }
  });

  test('cuts items of which only the beginning matters', () => {
    const item = { id: 'x', label: 'Lobby', detail: 'bob: '.repeat(2_000) };
    const lines = linesOf(viewOf(picker([item, item], { excerpts: true }), {}, 80, 20));
    expect(lines.filter((line) => line.includes('bob:'))).toHaveLength(6);
    expect(lines.filter((line) => line.trimEnd().endsWith('…'))).toHaveLength(2);
  });
});

describe('a page', () => {
  test.each(sizes)('can be read to its end on %d × %d', (columns, height) => {
    const lines = Array.from({ length: 12 }, (_, at) => `line ${at} of the things that it says`);
    const dialog = page(lines);
    const top = pageTopMax(dialog, columns, height);
    const end = linesOf(viewOf(dialog, { top }, columns, height)).join('\n');
    expect(end).toMatch(/says/);
    const all = Array.from({ length: top + 1 }, (_, at) =>
      linesOf(viewOf(dialog, { top: at }, columns, height)).join('\n'),
    ).join('\n');
    for (const at of lines.keys()) expect(all).toContain(`line ${at} `.trimEnd());
  });
});

test('each choice of a page has a letter of its own', () => {
  const choices = ['verified', 'verify', 'vr'].map((id) => ({ id, label: id }));
  expect(choiceKeys(choices)).toEqual(['v', 'e', 'r']);
});
