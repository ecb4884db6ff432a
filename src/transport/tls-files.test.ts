import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../../test/support/services/certificate.ts';
import { checkTlsFiles, type TlsFiles } from './tls-files.ts';

describe('the certificate and the key of a gateway', () => {
  let own: Certificate;
  let other: Certificate;
  beforeAll(async () => {
    [own, other] = await Promise.all([makeCertificate('localhost'), makeCertificate('localhost')]);
  });
  afterAll(async () => {
    for (const certificate of [own, other]) await certificate[Symbol.asyncDispose]();
  });

  const beside = (name: string, text?: string): string => {
    const file = join(own.certFile, '..', name);
    if (text !== undefined) writeFileSync(file, text);
    return file;
  };

  it('are taken, with a chain behind the certificate, and it is said when they are valid', () => {
    const chain = [own, other].map(({ certFile }) => readFileSync(certFile, 'utf8')).join('');
    const certFile = beside('longer-chain.pem', chain);
    const { from, until } = checkTlsFiles({ certFile, keyFile: own.keyFile });
    expect(until.getTime() - from.getTime()).toBe(2 * 86_400_000);
  });

  const refusals: readonly (readonly [string, () => TlsFiles, RegExp])[] = [
    [
      'a certificate that is not there',
      () => ({ ...own, certFile: beside('none.pem') }),
      /^CONCLAVE_TLS_CERT_FILE: ENOENT: .*none\.pem/,
    ],
    [
      'a key that is not there',
      () => ({ ...own, keyFile: beside('none.pem') }),
      /^CONCLAVE_TLS_KEY_FILE: ENOENT: .*none\.pem/,
    ],
    [
      'a file without a certificate',
      () => ({ ...own, certFile: beside('text.pem', 'no PEM') }),
      /^CONCLAVE_TLS_CERT_FILE: .*text\.pem contains no certificate/,
    ],
    [
      'a certificate in place of the key',
      () => ({ ...own, keyFile: own.certFile }),
      /^CONCLAVE_TLS_KEY_FILE: .*chain\.pem contains no private key/,
    ],
    [
      'a key under a passphrase',
      () => {
        const key = createPrivateKey(readFileSync(own.keyFile));
        const options = {
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase: 'secret',
        } as const;
        return { ...own, keyFile: beside('encrypted.pem', `${key.export(options)}`) };
      },
      /^CONCLAVE_TLS_KEY_FILE: the key in .*encrypted\.pem is encrypted\. Decrypt it: openssl pkey/,
    ],
    [
      'the key of another certificate',
      () => ({ ...own, keyFile: other.keyFile }),
      /key\.pem does not belong to the first certificate in .*chain\.pem/,
    ],
  ];
  it.each(refusals)('%s is refused in a line that says what to change', (_, files, message) => {
    expect(() => checkTlsFiles(files())).toThrow(message);
  });
});
