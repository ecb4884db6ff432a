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

/** Of an authority of one's own. */
export interface SignedCertificate extends Certificate {
  readonly authorityFile: string;
}

/** `host`: the one name that the certificate is for. */
export async function makeCertificate(host: string): Promise<Certificate> {
  return certificateIn(await newFolder(), host);
}

export async function makeSignedCertificate(host: string): Promise<SignedCertificate> {
  const folder = await newFolder();
  const [authorityKey, authorityFile] = [join(folder, 'authority-key.pem'), join(folder, 'authority.pem')];
  await request('-subj', '/CN=authority', '-keyout', authorityKey, '-out', authorityFile);
  const signed = [
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    authorityFile,
    '-CAkey',
    authorityKey,
  ];
  const certificate = await certificateIn(folder, host, signed);
  return { ...certificate, authorityFile };
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'conclave-certificate-'));

/** `more`: further arguments; without them it signs itself. */
async function certificateIn(
  folder: string,
  host: string,
  more: readonly string[] = [],
): Promise<Certificate> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  const name = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  await request(...name, ...more, '-keyout', keyFile, '-out', certFile);
  return {
    certFile,
    keyFile,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function request(...args: readonly string[]): Promise<void> {
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...args]);
}
