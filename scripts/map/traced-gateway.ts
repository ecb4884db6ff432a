/**
 * A gateway in a process of its own, so that only what the server runs is counted. Over its IPC channel: `begin` forgets what
 * ran so far, `take` answers with the functions that ran since, by file.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLiveGateway } from '../../test/gateway/live-gateway.ts';

export type Order = 'begin' | 'take' | 'end';
export type Answer =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'begun' }
  /** `file function`, each once; files relative to the working directory. */
  | { readonly kind: 'ran'; readonly functions: readonly string[] };

/** Limits are part of a request's way, as they are by default. */
const LIMITED = {
  RATE_REQUESTS_SESSION: '50/s',
  RATE_MESSAGES_USER: '50/s',
  RATE_MESSAGE_BYTES_USER: '1000000/s',
  RATE_STORED_BYTES_USER: '1000000000/day',
  RATE_STORED_BYTES_ROOM: '1000000000/day',
};

const live = await startLiveGateway(LIMITED);
const inspector = new Session();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

async function take(): Promise<readonly string[]> {
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  const ran = new Set<string>();
  for (const { url, functions } of result) {
    const file = url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : '';
    if (!file.startsWith('src/')) continue;
    for (const { functionName, ranges } of functions)
      if ((ranges[0]?.count ?? 0) > 0) ran.add(`${file} ${functionName}`);
  }
  return [...ran];
}

function answer(message: Answer): void {
  process.send?.(message);
}

process.on('message', (order: Order) => {
  void obey(order);
});

async function obey(order: Order): Promise<void> {
  if (order === 'end') {
    await live[Symbol.asyncDispose]();
    process.disconnect();
    return;
  }
  const functions = await take();
  answer(order === 'begin' ? { kind: 'begun' } : { kind: 'ran', functions });
}

answer({ kind: 'ready', url: live.url });
