import { expect, test } from 'vitest';
import { roomName } from '../../test/support/chat/sample-model.ts';
import type { FaceFiles } from '../chat/files/face-files.ts';
import type { PageChoice } from '../chat/model/dialog.ts';
import { ConclaveError } from '../sdk/errors.ts';
import { defaultConfig } from './config/chat-config.ts';
import type { Notify } from './config/config-keys.ts';
import { terminalFace } from './terminal-face.ts';

interface Wishes {
  readonly notify?: Notify;
  readonly clipboard?: boolean;
  /** What somebody chooses on a page. */
  readonly chosen?: string;
}

const noFiles = new Proxy<FaceFiles>({} as FaceFiles, { get: () => expect.unreachable() });

/** What a terminal, the machine and a person are told. */
function recorded({ chosen, ...config }: Wishes) {
  const calls: string[] = [];
  const screen = {
    ring: () => calls.push('ring'),
    notify: (words: string) => calls.push(words),
    notifyTitled: (title: string, words: string) => calls.push(`${title}: ${words}`),
    copy: (text: string) => calls.push(`copy ${text}`),
  };
  const tell = {
    notices: {
      say: (text: string) => void calls.push(text),
      refuse: (error: unknown) => void calls.push(`refused: ${String(error)}`),
    },
    dialogs: {
      page: async ({
        lines,
        choices = [],
      }: {
        readonly lines: readonly string[];
        readonly choices?: readonly PageChoice[];
      }) => {
        calls.push(...lines, ...choices.map(({ label }) => `[${label}]`));
        return chosen;
      },
    },
  };
  const files: FaceFiles = {
    ...noFiles,
    open: (what, failed) => {
      calls.push(`open ${what}`);
      failed(new ConclaveError('usage', 'no browser'));
    },
  };
  const alertCommand = { run: (room: string, text: string) => void calls.push(`run ${room}: ${text}`) };
  const face = terminalFace({ screen, config: { ...defaultConfig, ...config }, alertCommand, files });
  return { calls, face, tell };
}

test('a mention rings, or is told by the terminal, or does neither; the command that somebody chose hears of each', () => {
  const told = (notify: Notify): readonly string[] => {
    const { calls, face } = recorded({ notify });
    face.notify(roomName('Ops'), 'bob mentioned you in Ops', () => expect.unreachable());
    return calls;
  };
  const run = 'run Ops: bob mentioned you in Ops';
  expect(told('bell')).toEqual(['ring', run]);
  expect(told('osc9')).toEqual(['bob mentioned you in Ops', run]);
  expect(told('osc777')).toEqual(['Ops: bob mentioned you in Ops', run]);
  expect(told('none')).toEqual([run]);
});

const url = 'https://example.org/a';

test('a link is shown whole before it is opened, and whoever opened it hears what went wrong', async () => {
  const opened = recorded({ chosen: 'open' });
  await opened.face.openLink(url, opened.tell);
  const advice = expect.stringContaining('clipboard = true');
  expect(opened.calls).toEqual([
    ...[url, '', advice, '[open it]', `open ${url}`],
    'refused: ConclaveError: no browser',
  ]);
  const read = recorded({});
  await read.face.openLink(url, read.tell);
  expect(read.calls).toEqual([url, '', advice, '[open it]']);
});

test('a link is copied where the config file allows it', async () => {
  const { calls, face, tell } = recorded({ clipboard: true, chosen: 'copy' });
  await face.openLink(url, tell);
  expect(calls).toEqual([url, '[open it]', '[copy it]', `copy ${url}`, `Copied ${url}`]);
});

test('an address that a browser would read in another way is never handed to a program', async () => {
  const others = [
    'https://bank.example@evil.example/',
    'https://ex\u0430mple.org/',
    'https://example.org/\u202egnp',
    'https://example.org/a/../b',
    'http://0x7f.1/',
  ];
  for (const other of others) {
    // Even where somebody's answer comes out of nowhere, it is no choice that was offered.
    const { calls, face, tell } = recorded({ clipboard: true });
    await face.openLink(other, tell);
    expect(calls).toEqual([other, '', expect.stringContaining('elsewhere'), '[copy it]']);
  }
});
