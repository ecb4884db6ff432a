import type { Origin } from '../../../src/protocol/origin.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { limitedBody, parsedJson } from '../limited-body.ts';
import { type Check, found } from './doctor-check.ts';

const ANSWER_MS_MAX = 5_000;
/** A gateway's answer is a line. */
const ANSWER_BYTES_MAX = 16_384;
/** What a gateway names, by the text for it. */
const missingTexts = { broker: 'no_broker', stores: 'no_stores', disk: 'no_disk' } as const;

/** Whether the server can work, by its own word, which needs no login. A balancer may answer in its place, or not pass it on. */
export async function servicesCheck(server: Origin): Promise<Check> {
  const url = `${server.replace(/^ws/, 'http')}/readyz`;
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const body = parsedJson((await limitedBody(response, ANSWER_BYTES_MAX)) ?? '');
    return checkOf(response.status, body);
  } catch {
    return found('services', true, 'services_not_told');
  }
}

function checkOf(status: number, body: unknown): Check {
  if (status === 200) return found('services', true, 'services_ready');
  if (status === 404 && typeof body === 'object' && body !== null && 'draining' in body)
    return found('services', false, 'draining');
  if (status !== 503) return found('services', true, 'services_not_told');
  const missing = typeof body === 'object' && body !== null && 'missing' in body ? body.missing : [];
  const reasons = Object.entries(missingTexts)
    .filter(([name]) => Array.isArray(missing) && missing.includes(name))
    .map(([, text]) => cliTexts.doctor[text]);
  if (reasons.length === 0) return found('services', false, 'not_ready');
  return { name: 'services', ok: false, message: reasons.join('; ') };
}
