import { toHex } from '../../src/protocol/bytes.ts';
import type { Dialogs } from '../chat/dialogs.ts';
import { sha256 } from '../crypto/web-crypto.ts';
import { webTexts } from '../texts/web-texts.ts';
import type { PageSession } from './page-session.ts';

const { page } = webTexts;

/** Which page this is, and what it is made of: only a page that comes from the server has to be compared with anything. */
export async function showAbout(dialogs: Dialogs, session: PageSession): Promise<void> {
  const lines = page.about_lines(session.version, session.server);
  const origin = session.isRelayed ? [page.about_relayed] : [page.about_served, '', ...(await ownDigests())];
  await dialogs.page({ title: page.about, lines: [...lines, ...origin] });
}

/** As `conclave-gateway --web-digest` prints them. One after the other: the server counts each that the browser has not kept. */
async function ownDigests(): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const path of ownPaths()) {
    const body = await fetch(path, { cache: 'force-cache' })
      .then((answer) => (answer.ok ? answer.arrayBuffer() : undefined))
      .catch(() => undefined);
    const digest = body === undefined ? page.about_unknown : toHex(await sha256(new Uint8Array(body)));
    digests.push(`${digest}  ${path}`);
  }
  return digests;
}

/** The page itself, and each script and style that it names. */
function ownPaths(): readonly string[] {
  const named = [...document.querySelectorAll('script[src], link[rel=stylesheet], link[rel=modulepreload]')];
  const later = document.querySelector('meta[name=parts]')?.getAttribute('content')?.split(' ') ?? [];
  const paths = named.flatMap((each) => each.getAttribute('src') ?? each.getAttribute('href') ?? []);
  return ['/', ...new Set([...paths, ...later.map((name) => `/${name}`)])];
}
