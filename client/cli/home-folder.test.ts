import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { homeFolder, ownFolder } from './home-folder.ts';

test('the home folder is the one that HOME names', () => {
  vi.stubEnv('HOME', '/home/ada');
  expect(homeFolder()).toBe('/home/ada');
  expect(ownFolder(undefined, '.local', 'share')).toBe('/home/ada/.local/share/conclave');
});

test.each([undefined, '', 'ada'])(
  'with HOME=%s the home folder is that of the user, not one in the folder where a command runs',
  (home) => {
    vi.stubEnv('HOME', home);
    expect(homeFolder()).toBe(userInfo().homedir);
  },
);

test('an XDG variable names a folder where its path is absolute', () => {
  vi.stubEnv('HOME', '/home/ada');
  expect(ownFolder('/data', '.config')).toBe('/data/conclave');
  for (const relative of ['', 'data', './data'])
    expect(ownFolder(relative, '.config')).toBe(join('/home/ada', '.config', 'conclave'));
});
