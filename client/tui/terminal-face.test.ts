import { expect, test } from 'vitest';
import { roomName } from '../../test/support/chat/sample-model.ts';
import { defaultConfig } from './config/chat-config.ts';
import type { Notify } from './config/config-keys.ts';
import { terminalFace } from './terminal-face.ts';

/** What a terminal and a person are told. */
function recorded(config: { readonly notify?: Notify; readonly clipboard?: boolean }) {
  const calls: string[] = [];
  const screen = {
    ring: () => calls.push('ring'),
    notify: (words: string) => calls.push(words),
    notifyTitled: (title: string, words: string) => calls.push(`${title}: ${words}`),
    copy: (text: string) => calls.push(`copy ${text}`),
  };
  const tell = {
    notices: { say: (text: string) => void calls.push(text) },
    dialogs: {
      page: async ({ lines }: { readonly lines: readonly string[] }) => {
        calls.push(...lines);
        return undefined;
      },
    },
  };
  return { calls, face: terminalFace(screen, { ...defaultConfig, ...config }), tell };
}

test('a mention rings, or is told by the terminal, or does neither', () => {
  const told = (notify: Notify): readonly string[] => {
    const { calls, face } = recorded({ notify });
    face.notify(roomName('Ops'), 'bob mentioned you in Ops');
    return calls;
  };
  expect(told('bell')).toEqual(['ring']);
  expect(told('osc9')).toEqual(['bob mentioned you in Ops']);
  expect(told('osc777')).toEqual(['Ops: bob mentioned you in Ops']);
  expect(told('none')).toEqual([]);
});

test('a link is copied where the config file allows it, and shown elsewhere', async () => {
  const url = 'https://example.org/a';
  const allowed = recorded({ clipboard: true });
  await allowed.face.openLink(url, allowed.tell);
  expect(allowed.calls).toEqual([`copy ${url}`, `Copied ${url}`]);
  const shown = recorded({ clipboard: false });
  await shown.face.openLink(url, shown.tell);
  expect(shown.calls).toEqual([url, '', expect.stringContaining('clipboard = true')]);
});
