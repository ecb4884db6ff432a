import { expect, it } from 'vitest';
import { cliTexts } from '../../client/texts/cli-texts.ts';
import { texts } from '../../client/texts/texts.ts';
import { strayIn } from '../../scripts/texts/stray-texts.ts';
import { listedTexts } from '../../scripts/texts.ts';

const found = (source: string): readonly string[] => strayIn('x.ts', source).map(({ text }) => text);

it('a string of several words outside the catalogue is found, however it is written', () => {
  expect(found("const a = 'two words';")).toEqual(['two words']);
  expect(found(`const a = \`\${n} members left\`;`)).toEqual(['· members left']);
  expect(found("output.data(line, done ? 'all is well' : 'it failed');")).toEqual([
    'all is well',
    'it failed',
  ]);
});

it('a single word is found where people read it', () => {
  expect(found("output.note('done');")).toEqual(['done']);
  expect(found("throw usage('wrong');")).toEqual(['wrong']);
  expect(found("output.data({ type: 'sent' });")).toEqual([]);
});

it('imports, types, data and the faults of programmers are none', () => {
  expect(found("import x from 'some words here';")).toEqual([]);
  expect(found("type T = 'two words';")).toEqual([]);
  expect(found("throw new TypeError('this is a bug');")).toEqual([]);
  expect(found("const key = 'not_a_member';")).toEqual([]);
});

it('the list has every string of the catalogue once, with its key', () => {
  const lines = listedTexts({ ...texts, ...cliTexts });
  expect(lines).toContain('said.created: created {room}');
  expect(lines.some((line) => line.startsWith('said.stores: '))).toBe(true);
  const keys = lines.map((line) => line.slice(0, line.indexOf(': ')));
  expect(new Set(keys).size).toBe(lines.length);
});
