import { describe, expect, it } from 'vitest';
import { readAdminSettings } from './admin-settings.ts';

describe('the admin port that conclave-admin asks', () => {
  it.each([
    [{}, {}, 'http://127.0.0.1:9464'],
    [{}, { CONCLAVE_ADMIN_PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{}, { CONCLAVE_ADMIN_HOST: '0.0.0.0' }, 'http://127.0.0.1:9464'],
    [{}, { CONCLAVE_ADMIN_HOST: '::' }, 'http://[::1]:9464'],
    [{}, { CONCLAVE_ADMIN_URL: 'http://10.0.0.5:9464', CONCLAVE_ADMIN_PORT: '9000' }, 'http://10.0.0.5:9464'],
    [{ url: 'http://10.0.0.6:1' }, { CONCLAVE_ADMIN_URL: 'http://10.0.0.5:9464' }, 'http://10.0.0.6:1'],
  ])('is by %o and %o that of %s', async (options, environment, url) => {
    expect(await readAdminSettings(options, environment)).toMatchObject({ url });
  });

  it.each([
    [{ url: '10.0.0.5:9464' }, {}, '--url: 10.0.0.5:9464 is not the address'],
    [{}, { CONCLAVE_ADMIN_URL: 'ws://10.0.0.5' }, 'CONCLAVE_ADMIN_URL: ws://10.0.0.5 is not the address'],
    [
      {},
      { CONCLAVE_ADMIN_PORT: 'abc' },
      'CONCLAVE_ADMIN_HOST, CONCLAVE_ADMIN_PORT: http://127.0.0.1:abc is not',
    ],
  ])('is refused by the name of what gave it', async (options, environment, said) => {
    await expect(readAdminSettings(options, environment)).rejects.toThrow(said);
  });
});
