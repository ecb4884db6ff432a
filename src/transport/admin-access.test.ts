import { describe, expect, it } from 'vitest';
import { type AdminAccess, type AdminKnock, refuseAccess, refuseHost } from './admin-access.ts';

const token = 'a-long-and-random-token';
const knock = (fields: Partial<AdminKnock> = {}): AdminKnock => ({
  origin: '',
  authorization: '',
  ...fields,
});
const byToken: AdminAccess = { kind: 'token', token };

describe('access to the admin port', () => {
  it.each(['localhost', 'LOCALHOST:9464', '127.0.0.1', '127.1.2.3:1', '[::1]', '[::1]:9464'])(
    'on a loopback address lets in a program that dials %s',
    (host) => {
      expect(refuseHost(host, '127.0.0.3')).toBeUndefined();
    },
  );

  it.each([
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1:9464',
    '[::1',
    ':80',
  ])('on a loopback address refuses a request for "%s", a name that may be rebound', (host) => {
    expect(refuseHost(host, '127.0.0.3')).toEqual({
      refused: 'forbidden',
      message: 'this port listens on 127.0.0.3 only: dial it by that address',
    });
  });

  it('refuses pages in browsers even with the right token', () => {
    const page = { origin: 'http://127.0.0.1:9464', authorization: `Bearer ${token}` };
    for (const origin of [page.origin, 'null'])
      expect(refuseAccess(knock({ ...page, origin }), byToken)).toMatchObject({ refused: 'forbidden' });
  });

  it('accepts the token', () => {
    expect(refuseAccess(knock({ authorization: `Bearer ${token}` }), byToken)).toBeUndefined();
    expect(refuseAccess(knock({ authorization: `bearer  ${token}` }), byToken)).toBeUndefined();
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    token,
    `Basic ${token}`,
    `Bearer ${token} x`,
  ])('refuses the authorization "%s"', (authorization) => {
    expect(refuseAccess(knock({ authorization }), byToken)).toEqual({ refused: 'unauthorized' });
  });

  it('says how to switch actions on where they are off', () => {
    const refusal = refuseAccess(knock({ authorization: 'Bearer x' }), { kind: 'off' });
    expect(refusal).toMatchObject({ refused: 'forbidden' });
    expect(refusal?.message).toContain('CONCLAVE_ADMIN_TOKEN');
  });

  it('asks to wait while the token is not loaded yet', () => {
    const refusal = refuseAccess(knock({ authorization: `Bearer ${token}` }), { kind: 'starting' });
    expect(refusal).toMatchObject({ refused: 'unavailable' });
  });
});
