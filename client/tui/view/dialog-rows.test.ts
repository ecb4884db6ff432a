import { describe, expect, test } from 'vitest';
import { textWidth } from '../../terminal/text-width.ts';
import { helpItems } from '../controller/help.ts';
import { insertText } from '../editor/edit.ts';
import { emptyEditor } from '../editor/editor-state.ts';
import { defaultBindings } from '../keys/key-map.ts';
import type { Dialog, PageDialog, PickerDialog, PickerItem } from '../model/dialog.ts';
import { type DialogView, dialogView, pageTopMax } from './dialog-rows.ts';

const help = helpItems(defaultBindings);

const picker = (items: readonly PickerItem[], more: Partial<PickerDialog> = {}): PickerDialog => ({
  ...{ kind: 'picker', title: 'Help: type to search', items, match: 'words', query: emptyEditor },
  ...{ selected: 0, nothing: 'nothing', rowsMax: Number.POSITIVE_INFINITY, ...more },
});

const page = (lines: readonly string[]): PageDialog => ({
  ...{ kind: 'page', title: 'Safety number with bob', lines, code: [], top: 0 },
  choices: [{ key: 'v', label: 'it is the same: accept and mark verified' }],
});

const prompt: Dialog = {
  kind: 'prompt',
  title: 'A passphrase for the keys of bartholomew',
  about: ['It protects the keys on this machine and is asked for at each start.', 'Nobody can restore it.'],
  masked: true,
  editor: insertText(emptyEditor, 'correct horse'),
  remark: 'the two were not the same',
  leaving: 'back',
};

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
      title: 'Leave Lobby?',
      about: ['You get no messages of it any more.'],
      yes: 'leave',
      remark: 'Press y or n.',
    },
    { kind: 'wait', title: 'Trying wss://chat.example.org:443 …', about: ['ws: no answer'] },
    picker(help),
    picker([]),
    page(Array.from({ length: 40 }, (_, at) => `line ${at}`)),
  ];

  test.each(sizes)('fits into %d × %d', (columns, height) => {
    for (const dialog of dialogs) {
      const lines = linesOf(dialogView(dialog, columns, height));
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });

  test.each(sizes)('has what is typed, and the answers, in sight on %d × %d', (columns, height) => {
    const view = dialogView(prompt, columns, height);
    expect(linesOf(view)[view.cursor?.row ?? -1]).toContain('•');
    const confirm = dialogs[1] ?? expect.unreachable();
    expect(linesOf(dialogView(confirm, columns, height)).join('\n')).toMatch(/y {2}leave\s+n {2}no/);
  });

  test('lets its hint go before what it says, and its title before what was wrong', () => {
    const text = (height: number): string => linesOf(dialogView(prompt, 80, height)).join('\n');
    expect(text(12)).toContain('Enter: next');
    expect(text(5)).not.toContain('Enter: next');
    expect(text(5)).toContain('Nobody can restore it.');
    expect(text(3)).toContain('A passphrase for');
    expect(text(2)).toContain('the two were not the same');
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
      const text = selectedText(dialogView(picker([item]), columns, 100));
      expect(text).not.toContain('…');
      for (const word of `${item.label} ${item.detail}`.split(/\s+/)) expect(text).toContain(word);
    }
  });

  test.each(sizes)('keeps what is selected in sight on %d × %d', (columns, height) => {
    for (const [selected, { label }] of help.entries()) {
      const text = selectedText(dialogView(picker(help, { selected }), columns, height));
      expect(text).toContain(label.slice(0, 5));
    }
  });

  test('cuts items of which only the beginning matters', () => {
    const item = { id: 'x', label: 'Lobby', detail: 'bob: '.repeat(2_000) };
    const lines = linesOf(dialogView(picker([item, item], { rowsMax: 3 }), 80, 20));
    expect(lines.filter((line) => line.includes('bob:'))).toHaveLength(6);
    expect(lines.filter((line) => line.trimEnd().endsWith('…'))).toHaveLength(2);
  });
});

describe('a page', () => {
  test.each(sizes)('can be read to its end on %d × %d', (columns, height) => {
    const lines = Array.from({ length: 12 }, (_, at) => `line ${at} of the things that it says`);
    const dialog = page(lines);
    const top = pageTopMax(dialog, columns, height);
    const end = linesOf(dialogView({ ...dialog, top }, columns, height)).join('\n');
    expect(end).toMatch(/says/);
    const all = Array.from({ length: top + 1 }, (_, at) =>
      linesOf(dialogView({ ...dialog, top: at }, columns, height)).join('\n'),
    ).join('\n');
    for (const at of lines.keys()) expect(all).toContain(`line ${at} `.trimEnd());
  });
});
