import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ContentCoding = 'br' | 'gzip';

/** One file of the page, ready to be sent. */
export interface WebAsset {
  /** Begins with a slash. */
  readonly path: string;
  readonly contentType: string;
  /** Hexadecimal SHA-256 of the file. */
  readonly digest: string;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
  readonly body: Uint8Array;
  /** Compressed beforehand; only codings that make it shorter. */
  readonly coded: ReadonlyMap<ContentCoding, Uint8Array>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const codings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
const INDEX = 'index.html';
/** As the build names what it bundles. */
const HASHED_NAME = /-[A-Z0-9]{8}\.(?:css|js)$/;

/** Seen from the gateway's bundle, from that of the command line, and from the sources. */
const PLACES = import.meta.url.endsWith('.ts') ? ['../../dist/web/'] : ['../../web/', '../../../web/'];

/** The page as `npm run build` made it; undefined: it was not built. Read once, so that what is served never changes. */
export function readWebPage(): readonly WebAsset[] | undefined {
  const folder = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) =>
    existsSync(join(place, INDEX)),
  );
  if (folder === undefined) return undefined;
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const contentType = contentTypes[extname(name)];
      return contentType === undefined ? [] : [readAsset(folder, name, contentType)];
    });
}

/** A line for each file of the page: its SHA-256 and its path. Undefined: it was not built. */
export function webDigests(): string | undefined {
  return readWebPage()
    ?.map(({ digest, path }) => `${digest}  ${path}\n`)
    .join('');
}

function readAsset(folder: string, name: string, contentType: string): WebAsset {
  const body = readFileSync(join(folder, name));
  const coded = new Map<ContentCoding, Uint8Array>();
  for (const [coding, ending] of codings) {
    const file = join(folder, name + ending);
    if (!existsSync(file)) continue;
    const bytes = readFileSync(file);
    if (bytes.length < body.length) coded.set(coding, bytes);
  }
  return {
    path: name === INDEX ? '/' : `/${name}`,
    contentType,
    digest: createHash('sha256').update(body).digest('hex'),
    isImmutable: HASHED_NAME.test(name),
    body,
    coded,
  };
}

/** The best coding of an asset that a browser takes by its Accept-Encoding; undefined: none. */
export function codingFor({ coded }: WebAsset, acceptEncoding: string): ContentCoding | undefined {
  const taken = new Set(
    acceptEncoding
      .toLowerCase()
      .split(',')
      .map((coding) => coding.trim().split(/\s*;\s*/))
      .filter(([, weight = '']) => !/^q=0(?:\.0*)?$/.test(weight))
      .map(([coding]) => coding),
  );
  return codings.map(([coding]) => coding).find((coding) => taken.has(coding) && coded.has(coding));
}
