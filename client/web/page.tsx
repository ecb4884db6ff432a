import { type ComponentChild, render } from 'preact';
import { parseRoomName } from '../../src/protocol/names.ts';
import { webTexts } from '../texts/web-texts.ts';
import { PageSession } from './page-session.ts';
import { fetchParts, followBuilds } from './parts.ts';
import type { PreferenceStore } from './preferences.ts';
import { findServer } from './server-place.ts';
import { openDatabase } from './storage/database.ts';
import { WebProfile } from './storage/web-profile.ts';
import { Plain } from './view/plain.tsx';
import { Root } from './view/root.tsx';

/** Of the package that the page was built from. */
declare const CONCLAVE_VERSION: string;

const place = document.getElementById('page') ?? document.body;
const { welcome } = webTexts;
const ROOM = 'room';

/** Why the page can't work here; undefined: it can. */
async function obstacle(): Promise<string | undefined> {
  if (!globalThis.isSecureContext) return welcome.insecure;
  const hasEd25519 = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']).then(
    () => true,
    () => false,
  );
  return hasEd25519 && 'indexedDB' in globalThis && 'locks' in navigator ? undefined : welcome.unsupported;
}

/** `#room=NAME` in the address. */
function roomInAddress(): string | undefined {
  return parseRoomName(fragment().get(ROOM) ?? undefined);
}

/** Whoever loads the page again is not asked again. */
function forgetRoomInAddress(): void {
  const left = fragment();
  left.delete(ROOM);
  history.replaceState(null, '', location.pathname + location.search + (left.size === 0 ? '' : `#${left}`));
}

const fragment = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));

/** From now on this script says what there is to say. */
function show(view: ComponentChild): void {
  document.getElementById('unstarted')?.remove();
  render(view, place);
}

/** Shows the page, and opens the account of this browser if there is just one. */
export async function openPage(preferences: PreferenceStore): Promise<void> {
  const fault = await obstacle();
  const server = fault === undefined ? await findServer() : undefined;
  if (server === undefined || server === 'no-secret') {
    show(<Plain text={server === 'no-secret' ? welcome.no_secret : (fault ?? welcome.insecure)} />);
    return;
  }
  const session = new PageSession({
    profile: new WebProfile(await openDatabase(globalThis)),
    ...{ place: server, preferences, version: CONCLAVE_VERSION, linkedRoom: roomInAddress },
    linkFollowed: forgetRoomInAddress,
  });
  const crash = (reason: unknown): void =>
    session.crash(reason instanceof Error ? reason.message : String(reason));
  addEventListener('unhandledrejection', ({ reason }) => crash(reason));
  addEventListener('error', ({ error }) => crash(error));
  addEventListener('beforeunload', (event) => {
    if (session.isSending) event.preventDefault();
  });
  // A page that was left let go of its database: what the browser shows again begins anew.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  followBuilds(() => session.isSending);
  void fetchParts();
  show(<Root session={session} />);
  await session.start();
}
