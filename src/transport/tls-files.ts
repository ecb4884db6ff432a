import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The certificate or its key can't be used. */
export class TlsRefused extends Error {
  override readonly name = 'TlsRefused';
}

/**
 * Gives when the certificate expires. The WebSocket server says nothing about files that it can't use. Throws
 * TlsRefused.
 */
export function checkTlsFiles({ certFile, keyFile }: TlsFiles): Date {
  try {
    const cert = readFileSync(certFile);
    createSecureContext({ cert, key: readFileSync(keyFile) });
    // Of a chain, the first, which is the server's own.
    return new Date(new X509Certificate(cert).validTo);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TlsRefused(`the certificate in CONCLAVE_TLS_CERT_FILE or its key can't be used: ${reason}`, {
      cause: error,
    });
  }
}
