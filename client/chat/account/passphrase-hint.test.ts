import { describe, expect, it } from 'vitest';
import { passphraseHint } from './passphrase-hint.ts';

describe('the hint about a passphrase', () => {
  it('says what an empty one means', async () => {
    expect(await passphraseHint('')).toEqual({
      strength: 'empty',
      words: 'empty: anyone who can read the key file can use the keys',
    });
  });

  it('says that it is weak, why, and what would be better', async () => {
    for (const [passphrase, reason] of [
      ['password', 'one of the ten most common passwords'],
      ['aaaaaaaaaaaa', 'one character repeated'],
      ['abcdefgh', 'like a common password'],
      ['hunter2', 'like a common password'],
    ] as const) {
      const hint = await passphraseHint(passphrase);
      expect(hint.strength).toBe('weak');
      expect(hint.words).toContain('Try four unrelated words');
      if (passphrase !== 'abcdefgh') expect(hint.words).toContain(reason);
    }
  });

  it('finds long ones stronger than short ones', async () => {
    const strengths = [];
    for (const passphrase of ['kZ9#', 'kZ9#mQ2!vLx7', 'kZ9#mQ2!vLx7-tYp4', 'correct horse battery staple'])
      strengths.push((await passphraseHint(passphrase)).strength);
    expect(strengths).toEqual(['weak', 'good', 'strong', 'strong']);
  });

  it('takes any length and any script, and never repeats the passphrase', async () => {
    for (const passphrase of [
      '日本語のパスワードです',
      'x'.repeat(100_000),
      '\u0000\u202e',
      '👩‍👩‍👧'.repeat(9),
    ]) {
      const { words } = await passphraseHint(passphrase);
      expect(words).not.toContain(passphrase);
    }
  });
});
