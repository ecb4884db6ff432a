import { describe, expect, it } from 'vitest';
import { configKeys, keyPrefix } from '../../src/config/config-keys.ts';
import { readAdminSettings } from '../admin/admin-settings.ts';
import { readSettings } from './settings.ts';

describe('a variable that is nearly called like a setting', () => {
  it.each([
    ['CONCLAVE_SERVR', 'CONCLAVE_SERVER'],
    ['CONCLAVE_USR', 'CONCLAVE_USER'],
    ['CONCLAVE_PROFLE', 'CONCLAVE_PROFILE'],
    ['CONCLAVE_CAHCE', 'CONCLAVE_CACHE'],
    ['CONCLAVE_PASSPHRASEFILE', 'CONCLAVE_PASSPHRASE_FILE'],
  ])('is refused: %s is %s', (given, wanted) => {
    expect(() => readSettings({}, { [given]: 'off' })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `${given} is not a setting: did you mean ${wanted}?`,
      }),
    );
  });

  it.each([
    ['CONCLAVE_ADMIN_URI', 'CONCLAVE_ADMIN_URL'],
    ['CONCLAVE_ADMIN_PROT', 'CONCLAVE_ADMIN_PORT'],
    ['CONCLAVE_ADMIN_TOKEN_FIL', 'CONCLAVE_ADMIN_TOKEN_FILE'],
  ])('does not make conclave-admin act on another gateway: %s is %s', async (given, wanted) => {
    await expect(readAdminSettings({}, { [given]: 'x' })).rejects.toThrow(`did you mean ${wanted}?`);
  });

  it('is none of the gateway, which may stand in the same environment, nor an empty one', async () => {
    const names = Object.values(configKeys).map(({ name }) => keyPrefix + name);
    const all = [
      ...names,
      ...names.map((name) => `${name}_FILE`),
      `${keyPrefix}CONFIG`,
      `${keyPrefix}ADMIN_URL`,
    ];
    const environment = Object.fromEntries(all.map((name) => [name, '']));
    expect(() => readSettings({}, environment)).not.toThrow();
    await expect(readAdminSettings({}, environment)).resolves.toBeDefined();
  });
});
