import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EDITOR_CHARS_MAX } from '../editor/editor-state.ts';
import { editedText, editorOf } from './external-editor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-editor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An editor that is a script of the shell; `$1` is the file. */
async function editorThat(script: string): Promise<Readonly<Record<string, string>>> {
  const path = join(folder, 'editor.sh');
  await writeFile(path, script);
  return { XDG_RUNTIME_DIR: folder, EDITOR: `sh ${path}` };
}

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('conclave-'));

describe('the editor of a person', () => {
  it('is VISUAL, else EDITOR, else none', () => {
    expect(editorOf({ VISUAL: 'code --wait', EDITOR: 'vi' })).toBe('code --wait');
    expect(editorOf({ VISUAL: ' ', EDITOR: 'vi' })).toBe('vi');
    expect(editorOf({})).toBeUndefined();
  });

  it('gets the text in a file that nobody else can read, and gives its own back', async () => {
    const seen = join(folder, 'seen');
    const environment = await editorThat(
      `stat -c '%a' "$1" "$(dirname "$1")" > ${seen}; cat "$1" >> ${seen}; printf 'new\\r\\ntext\\n' > "$1"`,
    );
    expect(await editedText('old “text”', environment)).toBe('new\ntext');
    expect(await readFile(seen, 'utf8')).toBe('600\n700\nold “text”');
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['fails', 'echo half > "$1"; exit 3', 'usage'],
    ['is killed', 'kill -9 $$', 'usage'],
    ['removes the file', 'rm "$1"', 'usage'],
    ['writes something that is no text', 'printf \'\\377\\376\' > "$1"', 'usage'],
    [
      'writes more than the input takes',
      `head -c ${EDITOR_CHARS_MAX + 1} /dev/zero | tr '\\0' x > "$1"`,
      'too_large',
    ],
    [
      'writes a file that is too large to read',
      `head -c ${5 * EDITOR_CHARS_MAX} /dev/zero > "$1"`,
      'too_large',
    ],
  ])('that %s is refused, and leaves nothing behind', async (_, script, code) => {
    await expect(editedText('a draft', await editorThat(script))).rejects.toMatchObject({ code });
    expect(await leftovers()).toEqual([]);
  });

  it.each(['/nonexistent/tmp', '/dev/null'])(
    'is not started where no text can be written, as in %s',
    async (place) => {
      vi.stubEnv('TMPDIR', place);
      await expect(editedText('a draft', { EDITOR: 'true' })).rejects.toMatchObject({
        ...{ name: 'ConclaveError', code: 'usage' },
        message: expect.stringContaining(place),
      });
    },
  );

  it('that is not set is asked for', async () => {
    await expect(editedText('a draft', { XDG_RUNTIME_DIR: folder })).rejects.toMatchObject({ code: 'usage' });
    await expect(
      editedText('a draft', { XDG_RUNTIME_DIR: folder, EDITOR: 'no-such-editor-anywhere' }),
    ).rejects.toMatchObject({ code: 'usage' });
    expect(await leftovers()).toEqual([]);
  });
});
