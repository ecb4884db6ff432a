import { describe, expect, it } from 'vitest';
import { type AdminAccess, type AdminKnock, refuseAccess } from './admin-access.ts';

const token = 'a-long-and-random-token';
const knock = (fields: Partial<AdminKnock> = {}): AdminKnock => ({
  host: '127.0.0.1:9464',
  origin: '',
  authorization: '',
  ...fields,
});
const loopback: AdminAccess = { kind: 'loopback' };
const byToken: AdminAccess = { kind: 'token', token };

describe('access to the admin port', () => {
  it.each(['localhost', 'LOCALHOST:9464', '127.0.0.1', '127.1.2.3:1', '[::1]', '[::1]:9464'])(
    'without a token lets programs in that dial %s',
    (host) => {
      expect(refuseAccess(knock({ host }), loopback)).toBeUndefined();
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
  ])('without a token refuses who dialled "%s": the name may be a trick', (host) => {
    expect(refuseAccess(knock({ host }), loopback)).toMatchObject({ refused: 'forbidden' });
  });

  it('refuses pages in browsers, whatever they know', () => {
    const page = { origin: 'http://127.0.0.1:9464', authorization: `Bearer ${token}` };
    for (const access of [loopback, byToken]) {
      expect(refuseAccess(knock(page), access)).toMatchObject({ refused: 'forbidden' });
      expect(refuseAccess(knock({ origin: 'null' }), access)).toMatchObject({ refused: 'forbidden' });
    }
  });

  it('takes the token, from any name', () => {
    const host = 'gateway.internal:9464';
    expect(refuseAccess(knock({ host, authorization: `Bearer ${token}` }), byToken)).toBeUndefined();
    expect(refuseAccess(knock({ host, authorization: `bearer  ${token}` }), byToken)).toBeUndefined();
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

  it('says how actions are switched on where they are off', () => {
    const refusal = refuseAccess(knock({ authorization: 'Bearer x' }), { kind: 'off' });
    expect(refusal).toMatchObject({ refused: 'forbidden' });
    expect(refusal?.message).toContain('CONCLAVE_ADMIN_TOKEN');
  });
});
