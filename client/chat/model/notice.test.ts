import { describe, expect, test } from 'vitest';
import { NOON, sampleModel } from '../../../test/support/chat/sample-model.ts';
import type { Notice } from './model.ts';
import { noticed, WARNING_MS } from './notice.ts';

const answer = (text: string): Notice => ({ text, tone: 'info', stays: 'while-reading' });
const warning = (text: string): Notice => ({ text, tone: 'warning', stays: NOON + WARNING_MS });

function shown(...notices: readonly Notice[]): readonly string[] {
  return notices.reduce(noticed, sampleModel()).notices.map(({ text }) => text);
}

describe('a notice', () => {
  test('that answers what somebody asked takes the place of the answer before it', () => {
    expect(shown(answer('first'), answer('second'))).toEqual(['second']);
  });

  test('that warns takes the place of nothing, and no answer takes its place', () => {
    expect(shown(answer('Bob is verified'), warning('the key of Bob changed'))).toEqual([
      'Bob is verified',
      'the key of Bob changed',
    ]);
    expect(shown(warning('the key of Bob changed'), answer('Bob is verified'))).toEqual([
      'the key of Bob changed',
      'Bob is verified',
    ]);
  });

  test('that warns of the same again stands there once', () => {
    expect(shown(warning('one'), warning('two'), warning('one'))).toEqual(['two', 'one']);
  });
});
