import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../program.ts';

async function said(...argv: readonly string[]): Promise<string> {
  let text = '';
  const out = (part: string): void => {
    text += part;
  };
  expect(await parseCommandLine(argv, '1', { out, err: () => undefined })).toBeUndefined();
  return text;
}

describe('conclave help', () => {
  test('explains a command as --help does, and without a name all of them', async () => {
    expect(await said('help', 'send')).toBe(await said('send', '--help'));
    expect(await said('help')).toContain('send <room> [text]');
    expect(await said('help')).toContain('Usage: conclave');
  });

  test('says which command was probably meant', async () => {
    await expect(said('help', 'sned')).rejects.toThrow('there is no command sned: did you mean send?');
    await expect(said('help', 'complet')).rejects.toThrow('did you mean completion?');
    await expect(said('help', 'send', 'more')).rejects.toThrow(
      'there is no command send more: see conclave help',
    );
    await expect(said('help', 'nonsense')).rejects.toThrow('there is no command nonsense: see conclave help');
    await expect(said('sned')).rejects.toThrow(/did you mean send\?/);
  });

  test('refuses a shell that it has no completion for', async () => {
    await expect(said('completion', 'tcsh')).rejects.toThrow(/bash, zsh, fish/);
  });
});
