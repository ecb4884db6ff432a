import { expect, test } from 'vitest';
import { quickestWithin } from '../../../test/support/eventually.ts';
import { elementsOf } from './xml-elements.ts';

test('elements are found by their whole name, in order, and what has no end is none', () => {
  const xml = '<List><Key>a</Key><KeyCount>2</KeyCount><Key>b &amp; c</Key><Key>';
  expect(elementsOf(xml, 'Key')).toEqual(['a', 'b &amp; c']);
  expect(elementsOf(xml, 'Prefix')).toEqual([]);
});

test('a text of nothing but beginnings takes no longer than any other', async () => {
  const hostile = '<Key>'.repeat(800_000);
  await quickestWithin(1_000, async () => {
    const startedMs = performance.now();
    expect(elementsOf(hostile, 'Key')).toEqual([]);
    return performance.now() - startedMs;
  });
});
