import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/support/protocol/arbitraries.ts';
import { linked, showsLinks, terminalLink } from './terminal-link.ts';

const opens = (shown: string): string | undefined => terminalLink(shown, '1')?.url;

describe('a link in a terminal', () => {
  it.each([
    'https://example.org',
    'http://example.org/',
    'https://Example.org:8443/a/b?c=d&e=%20#f',
    'https://example.org/a;b',
    'http://[::1]:8080/x',
    'http://127.0.0.1:8080/x',
  ])('opens the address that is shown: %s', (shown) => {
    expect(opens(shown)).toBe(shown);
  });

  it.each([
    ['of a scheme that starts programs', 'javascript://example.org/%0aalert(1)'],
    ['to a file', 'file:///etc/passwd'],
    ['with a name in front of the host', 'https://bank.example@evil.example/'],
    ['with a password in front of the host', 'https://bank.example:443@evil.example/'],
    ['with a backslash that a browser reads as a slash', 'https://evil.example\\@bank.example/'],
    ['with letters that look like others', 'https://bаnk.example/'],
    ['with an escape', 'https://example.org/\u001b]8;;'],
    ['with the end of the sequence', 'https://example.org/\u0007'],
    ['with a space', 'https://example.org/ a'],
    ['with a host that is an odd number', 'http://2130706433/'],
    ['that leads elsewhere by dots', 'https://example.org/a/../b'],
    ['without a host', 'https://'],
    ['that is longer than terminals take', `https://example.org/${'a'.repeat(2048)}`],
  ])('is not made of an address %s', (_, shown) => {
    expect(opens(shown)).toBeUndefined();
  });

  it('holds no control character but its own, whatever the text is', () => {
    fc.assert(
      fc.property(anyText(), fc.webUrl(), (text, url) => {
        for (const shown of [`https://${text}`, url + text, url]) {
          const link = terminalLink(shown, 'a.1');
          if (link === undefined) continue;
          expect(link.url).toBe(shown);
          expect(linked('x', link).match(/\p{C}/gu)).toEqual(['\u001b', '\u0007', '\u001b', '\u0007']);
        }
      }),
    );
  });

  it('is left out where a terminal is known to print it', () => {
    expect(['linux', 'vt220', 'dumb', ''].filter((term) => showsLinks({ TERM: term }))).toEqual([]);
    expect(showsLinks({})).toBe(false);
    expect(
      ['xterm-256color', 'tmux-256color', 'foot', 'xterm-kitty'].every((term) => showsLinks({ TERM: term })),
    ).toBe(true);
  });
});
