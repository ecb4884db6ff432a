import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A self-signed certificate and its key as PEM files, in a folder that is removed with it. */
export interface Certificate extends AsyncDisposable {
  readonly certFile: string;
  readonly keyFile: string;
}

/** `host`: the one name that the certificate is for. */
export async function makeCertificate(host: string): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-certificate-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`];
  const name = ['-addext', `subjectAltName=DNS:${host}`];
  await run('openssl', ['req', ...kind, ...name, '-keyout', keyFile, '-out', certFile]);
  return {
    certFile,
    keyFile,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An authority of one's own, and a certificate that it signed. */
export interface SignedCertificate extends Certificate {
  readonly authorityFile: string;
}

export async function makeSignedCertificate(host: string): Promise<SignedCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-authority-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  const [authorityKey, authorityFile] = [join(folder, 'authority-key.pem'), join(folder, 'authority.pem')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const authority = ['-subj', '/CN=authority', '-keyout', authorityKey, '-out', authorityFile];
  await run('openssl', ['req', ...kind, ...authority]);
  const name = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const signed = [
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    authorityFile,
    '-CAkey',
    authorityKey,
  ];
  await run('openssl', ['req', ...kind, ...name, ...signed, '-keyout', keyFile, '-out', certFile]);
  return {
    certFile,
    keyFile,
    authorityFile,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
