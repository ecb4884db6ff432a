import { isLoopbackOrigin, type Origin, parseOrigin } from '../../../src/protocol/origin.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { asSentence } from '../../texts/as-sentence.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { Dialogs } from '../dialogs.ts';
import type { AccountHost } from './account-host.ts';

const ADDRESS = /^(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/i;

/**
 * What somebody may have meant by an address: without a scheme, or with that of a page without TLS, TLS comes first. Empty: it is
 * no address.
 */
export function serversMeant(text: string): readonly Origin[] {
  const [, scheme, address = ''] = ADDRESS.exec(text.trim()) ?? [];
  return schemesMeant(scheme?.toLowerCase()).flatMap((meant) => parseOrigin(`${meant}://${address}`) ?? []);
}

function schemesMeant(scheme: string | undefined): readonly string[] {
  switch (scheme) {
    case undefined:
    case 'http':
      return ['wss', 'ws'];
    case 'https':
      return ['wss'];
    default:
      return [scheme];
  }
}

export type Found =
  | { readonly server: Origin }
  /** For the person who named it. */
  | { readonly problem: string }
  /** Somebody put the search away. */
  | 'cancelled';

/** Finds out which of these answers as a Conclave server, saying what is tried. */
export async function findServer(
  host: Pick<AccountHost, 'probe'>,
  dialogs: Dialogs,
  servers: readonly Origin[],
): Promise<Found> {
  const faults: string[] = [];
  const said: string[] = [];
  for (const server of servers) {
    const fault = await dialogs.wait({ title: chatTexts.start.trying(server), about: said }, (signal) =>
      faultOf(host, server, signal),
    );
    if (fault === undefined) return 'cancelled';
    if (fault === '') return (await isAccepted(dialogs, server, servers)) ? { server } : 'cancelled';
    faults.push(fault);
    said.push(chatTexts.start.server_fault(server, fault));
  }
  const [first = ''] = faults;
  return { problem: faults.every((fault) => fault === first) ? first : said.map(asSentence).join(' ') };
}

/** Empty: it answers. */
async function faultOf(
  host: Pick<AccountHost, 'probe'>,
  server: Origin,
  signal: AbortSignal,
): Promise<string> {
  try {
    await host.probe(server, signal);
    return '';
  } catch (error) {
    if (error instanceof ConclaveError) return error.message;
    throw error;
  }
}

/** Whoever stands in between can make TLS fail: going on without it is the person's decision. */
async function isAccepted(dialogs: Dialogs, server: Origin, meant: readonly Origin[]): Promise<boolean> {
  if (meant.length === 1 || server.startsWith('wss:') || isLoopbackOrigin(server)) return true;
  const { start } = chatTexts;
  return dialogs.confirm(start.without_tls(server), start.without_tls_about, start.without_tls_yes);
}
