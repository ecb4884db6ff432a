import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { SealedKind } from '../sdk/storage/sealed-form.ts';
import { needsPassphrase, seal, unseal } from './sealed-file.ts';

const content = utf8('keys of somebody');

/** Written by hand from the layout, with the least scrypt that is read: what `seal` asks for costs half a second each time. */
function cheaplySealed(kind: SealedKind, passphrase: string): Uint8Array {
  const [log2N, salt, nonce] = [10, randomBytes(32), randomBytes(12)];
  const magic = Buffer.from(kind === 'keys' ? 'CNCLKEYS' : 'CNCLEXPT');
  const header = Buffer.concat([magic, Buffer.from([1, 1, log2N, 8, 1]), salt, nonce]);
  const key = scryptSync(passphrase, salt, 32, { N: 2 ** log2N, r: 8, p: 1 });
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header);
  return new Uint8Array(Buffer.concat([header, cipher.update(content), cipher.final(), cipher.getAuthTag()]));
}

describe('a sealed file', () => {
  test('opens with its passphrase, however its letters are composed', async () => {
    const file = await seal('keys', content, 'caf\u00e9 noir');
    // scrypt with N = 2^17, r = 8, p = 1.
    expect([...file.subarray(9, 13)]).toEqual([1, 17, 8, 1]);
    expect(await needsPassphrase('keys', file)).toBe(true);
    expect(await unseal('keys', file, 'cafe\u0301 noir')).toEqual(content);
  });

  test('leaves no passphrase in the buffer that the key was derived from', async () => {
    const made = vi.spyOn(Buffer, 'from');
    try {
      const file = await seal('keys', content, 'right');
      await expect(unseal('keys', file, 'wrong')).rejects.toMatchObject({ code: 'wrong_passphrase' });
      const holders = made.mock.calls.flatMap(([text], i) =>
        ['right', 'wrong'].some((passphrase) => passphrase === String(text))
          ? [made.mock.results[i]?.value]
          : [],
      );
      expect(holders).toEqual([Buffer.alloc(5), Buffer.alloc(5)]);
    } finally {
      made.mockRestore();
    }
  });

  test('refuses another passphrase, and none', async () => {
    const file = cheaplySealed('keys', 'right');
    expect(await unseal('keys', file, 'right')).toEqual(content);
    await expect(unseal('keys', file, 'wrong')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    await expect(unseal('keys', file, undefined)).rejects.toMatchObject({ code: 'wrong_passphrase' });
  });

  test('without a passphrase notices every changed byte', async () => {
    const file = await seal('keys', content, undefined);
    expect(await unseal('keys', file, undefined)).toEqual(content);
    for (let at = 0; at < file.length; at += 1) {
      const changed = new Uint8Array(file);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      await expect(unseal('keys', changed, undefined), `byte ${at}`).rejects.toMatchObject({
        name: 'ConclaveError',
      });
    }
  });

  test('with a passphrase notices a changed byte of header, salt, ciphertext and tag', async () => {
    const file = cheaplySealed('export', 'right');
    for (const at of [0, 8, 9, 10, 13, 45, 57, file.length - 1]) {
      const changed = new Uint8Array(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(unseal('export', changed, 'right'), `byte ${at}`).rejects.toMatchObject({
        name: 'ConclaveError',
      });
    }
  });

  test('of a later version is told to be one', async () => {
    const file = await seal('keys', content, undefined);
    file[8] = 2;
    const newer = { code: 'no_profile', message: expect.stringContaining('later release') };
    await expect(unseal('keys', file, undefined)).rejects.toMatchObject(newer);
    await expect(needsPassphrase('keys', file)).rejects.toMatchObject(newer);
  });

  test('is not taken for the other kind, and may not be cut short', async () => {
    const file = await seal('export', content, undefined);
    await expect(unseal('keys', file, undefined)).rejects.toMatchObject({ code: 'no_profile' });
    for (let length = 0; length < file.length; length += 7) {
      await expect(unseal('export', file.subarray(0, length), undefined)).rejects.toMatchObject({
        name: 'ConclaveError',
      });
    }
  });
});
