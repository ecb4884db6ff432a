import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActionId, actions } from '../keys/actions.ts';
import { CONFIG_BYTES_MAX, defaultConfig, parseConfig, readConfigFile } from './chat-config.ts';
import { defaultConfigText } from './config-text.ts';

function faultsOf(text: string): readonly string[] {
  const read = parseConfig(text, 'config.toml');
  return 'faults' in read ? read.faults : [];
}

function keysOf(text: string, id: ActionId): readonly string[] | undefined {
  const read = parseConfig(text, 'config.toml');
  return 'config' in read ? read.config.bindings.get(id) : undefined;
}

describe('a config', () => {
  it('that says nothing is the default', () => {
    expect(parseConfig('', 'config.toml')).toEqual({ config: defaultConfig });
    expect(parseConfig('# nothing\n[keys]\n', 'config.toml')).toEqual({ config: defaultConfig });
  });

  it('sets what it names and leaves the rest', () => {
    expect(parseConfig('notify = "osc9"\nmembers-columns = 30', 'config.toml')).toEqual({
      config: { ...defaultConfig, notify: 'osc9', membersColumns: 30 },
    });
    const text = '[keys]\nhelp = ["f9", "Alt+H"]\nundo = "ctrl+x"\nredraw = []';
    expect(keysOf(text, 'help')).toEqual(['f9', 'alt+shift+h']);
    expect(keysOf(text, 'undo')).toEqual(['ctrl+x']);
    expect(keysOf(text, 'redraw')).toEqual([]);
    expect(keysOf(text, 'send')).toEqual(['enter']);
  });

  it('as it is printed is the default, and names every action', () => {
    const text = defaultConfigText();
    expect(parseConfig(text, 'config.toml')).toEqual({ config: defaultConfig });
    for (const { id } of actions) expect(text).toContain(`\n${id} = [`);
  });

  it('has each fault named with its line, its key and what is allowed', () => {
    expect(
      faultsOf(
        [
          'notify = "loud"',
          'thme = "dark"',
          'rooms-columns = 5',
          'members-columns = 20.5',
          '[keys]',
          'helpp = "f1"',
          'undo = "q"',
          'redraw = 7',
        ].join('\n'),
      ),
    ).toEqual([
      'config.toml:2: "thme" is unknown. Did you mean theme?',
      'config.toml:1: notify is "loud". Allowed: "none", "bell", "osc9", "osc777"',
      'config.toml:3: rooms-columns is 5. Allowed: a whole number from 10 to 60',
      'config.toml:4: members-columns is 20.5. Allowed: a whole number from 10 to 60',
      'config.toml:8: "redraw" is 7. Allowed: a key such as "alt+a", or a list of keys',
      'config.toml:6: [keys] helpp is not an action. Did you mean help?',
      'config.toml:7: [keys] undo: "q" is not a key that can be bound. Allowed: a key such as ctrl+a, alt+enter, alt+1, shift+tab, pageup, f1; characters only with ctrl or alt',
    ]);
    expect(faultsOf('keys = 3')).toEqual([
      'config.toml:1: keys is 3. Allowed: a table such as [keys] with help = ["f1"]',
    ]);
    expect(faultsOf('loudness = true')).toEqual([
      'config.toml:1: "loudness" is unknown. Allowed: notify, notify-command, theme, mouse, typing, links, clipboard, picture-viewer, rooms-columns, members-columns, keys',
    ]);
  });

  it('that is no TOML is refused with the place', () => {
    expect(faultsOf('notify = "bell"\ntheme = ')).toEqual(['config.toml:2:9: invalid value']);
    expect(faultsOf('theme = "dark"\ntheme = "light"')).toEqual([
      'config.toml:2:1: trying to redefine an already defined table or value',
    ]);
    expect(faultsOf(`x = ${'['.repeat(2000)}`)).toHaveLength(1);
    expect(faultsOf('[keys]\n__proto__ = "f1"')).toHaveLength(1);
  });

  it('shows what is hostile in it instead of obeying it', () => {
    const [fault = ''] = faultsOf(`"a\\u001b[2J${'x'.repeat(500)}" = 1`);
    expect(fault).toContain('is unknown');
    expect(fault).not.toMatch(/\p{Cc}/u);
    expect(fault.length).toBeLessThan(200);
    expect(faultsOf('notify = "\\u202e"')[0]).toContain('<U+202E>');
  });

  it('is parsed or refused, whatever is in the file', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('notify', 'keys', '[keys]', 'send')),
        fc.json(),
        (name, value) => {
          for (const text of [name, `${name} = ${value}`, `[keys]\n${name} = ${value}`]) {
            const read = parseConfig(text, 'f');
            if ('faults' in read) expect(read.faults.length).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});

describe('the config file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conclave-config-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('that is not there is one without a line', async () => {
    expect(await readConfigFile(join(directory, 'none.toml'))).toEqual({ config: defaultConfig });
  });

  it('is read', async () => {
    const file = join(directory, 'config.toml');
    await writeFile(file, 'theme = "light"\n');
    expect(await readConfigFile(file)).toMatchObject({ config: { theme: 'light' } });
  });

  it('that cannot be read, is too large or no text is refused with its name', async () => {
    expect(await readConfigFile(directory)).toEqual({
      faults: [`${directory}: cannot be read: does the path lead to a file, and may you read it?`],
    });
    const large = join(directory, 'large.toml');
    await writeFile(large, '#'.repeat(CONFIG_BYTES_MAX + 1));
    expect(await readConfigFile(large)).toEqual({
      faults: [`${large}: has more than ${CONFIG_BYTES_MAX.toLocaleString('en')} bytes`],
    });
    const bytes = join(directory, 'bytes.toml');
    await writeFile(bytes, Buffer.of(0xff, 0xfe));
    expect(await readConfigFile(bytes)).toEqual({ faults: [`${bytes}: is not UTF-8`] });
  });
});
