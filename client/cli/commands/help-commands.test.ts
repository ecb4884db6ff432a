import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../program.ts';

function said(...argv: readonly string[]): string {
  let text = '';
  const out = (part: string): void => {
    text += part;
  };
  expect(parseCommandLine(argv, '1', { out, err: () => undefined })).toBeUndefined();
  return text;
}

describe('conclave help', () => {
  test('explains a command as --help does, and without a name all of them', () => {
    expect(said('help', 'send')).toBe(said('send', '--help'));
    expect(said('help')).toContain('send [options] <room> [text]'.replace(' [options]', ''));
    expect(said('help')).toContain('Usage: conclave');
  });

  test('says which command was probably meant', () => {
    expect(() => said('help', 'sned')).toThrow('no command is called sned: did you mean send?');
    expect(() => said('help', 'complet')).toThrow('did you mean completion?');
    expect(() => said('help', 'send', 'more')).toThrow('no command is called send more: see conclave help');
    expect(() => said('help', 'nonsense')).toThrow('no command is called nonsense: see conclave help');
    expect(() => said('sned')).toThrow(/Did you mean send\?/);
  });

  test('refuses a shell that it has no completion for', () => {
    expect(() => said('completion', 'tcsh')).toThrow(/bash, zsh, fish/);
  });
});
