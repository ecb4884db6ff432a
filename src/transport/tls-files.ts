import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** When a certificate is valid. */
export interface Validity {
  readonly from: Date;
  readonly until: Date;
}

/** The certificate or its key can't be used. */
export class TlsRefused extends Error {
  override readonly name = 'TlsRefused';
}

/**
 * Gives when the certificate is valid, which it need not be now. The WebSocket server says nothing about files that it
 * can't use, and OpenSSL nothing that helps. Throws TlsRefused.
 */
export function checkTlsFiles({ certFile, keyFile }: TlsFiles): Validity {
  const cert = read('CONCLAVE_TLS_CERT_FILE', certFile);
  const key = read('CONCLAVE_TLS_KEY_FILE', keyFile);
  // Of a chain, the first, which is the server's own.
  const certificate = orRefused(
    () => new X509Certificate(cert),
    () => `CONCLAVE_TLS_CERT_FILE: ${certFile} contains no certificate in PEM format`,
  );
  const privateKey = orRefused<KeyObject>(
    () => createPrivateKey(key),
    () =>
      // In both of its forms in PEM. The error that it leads to depends on the version of Node.
      key.includes('ENCRYPTED')
        ? `CONCLAVE_TLS_KEY_FILE: the key in ${keyFile} is encrypted. Decrypt it: openssl pkey -in ${keyFile} -out FILE`
        : `CONCLAVE_TLS_KEY_FILE: ${keyFile} contains no private key in PEM format`,
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new TlsRefused(
      `the key in ${keyFile} does not belong to the first certificate in ${certFile}. The gateway's own certificate comes first, then its chain`,
    );
  orRefused(
    () => createSecureContext({ cert, key }),
    (reason) => `the certificate chain in ${certFile} can't be used: ${reason}`,
  );
  return { from: new Date(certificate.validFrom), until: new Date(certificate.validTo) };
}

function read(name: string, file: string): Buffer {
  return orRefused(
    () => readFileSync(file),
    (reason) => `${name}: ${reason}`,
  );
}

function orRefused<T>(step: () => T, message: (reason: string) => string): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new TlsRefused(message(error.message), { cause: error });
  }
}
