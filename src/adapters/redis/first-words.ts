import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisTarget } from '../../ports/targets.ts';

/** A server on the same network answers in milliseconds; longer than that, and nothing is found out. */
const ANSWER_MS_MAX = 1_000;
/** The first bytes tell what speaks; no answer is read further. */
const BYTES_MAX = 16;

type FirstWords = 'redis' | 'http' | 'silence';

/** Who answers PING at an address. Neither name nor password are sent. */
function firstWords(host: string, port: number): Promise<FirstWords> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = Buffer.alloc(0);
    const end = (): void => {
      socket.destroy();
      resolve(kindOf(answer));
    };
    socket.setTimeout(ANSWER_MS_MAX, end);
    socket.once('error', end);
    socket.once('close', end);
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]).subarray(0, BYTES_MAX);
      if (kindOf(answer) !== 'silence') end();
    });
    socket.write('PING\r\n\r\n');
  });
}

function kindOf(answer: Buffer): FirstWords {
  const text = answer.toString('latin1');
  if (text.startsWith('HTTP/')) return 'http';
  return /^(?:\+PONG|-[A-Z]{2,})/.test(text) ? 'redis' : 'silence';
}

/** Nothing is sent but a handshake, so it does not matter whose certificate it is. */
function shakesHands(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    const end = (speaksTls: boolean) => (): void => {
      socket.destroy();
      resolve(speaksTls);
    };
    socket.setTimeout(ANSWER_MS_MAX, end(false));
    socket.once('secureConnect', end(true));
    socket.once('error', end(false));
    socket.once('close', end(false));
  });
}

/** What to change in CONCLAVE_REDIS_URL, as far as the first server that it names tells; undefined: nothing that shows. */
export async function wrongUrl(target: RedisTarget): Promise<string | undefined> {
  const [first] =
    target.kind === 'standalone' ? [target] : target.kind === 'sentinel' ? target.sentinels : target.nodes;
  if (first === undefined) return undefined;
  const { host, port } = first;
  const found = await firstWords(host, port);
  if (found === 'http') return 'CONCLAVE_REDIS_URL names a web server, not Redis: check host and port';
  if (found === 'redis' && target.tls)
    return 'this Redis speaks without TLS: begin CONCLAVE_REDIS_URL with redis, not rediss';
  if (found === 'silence' && !target.tls && (await shakesHands(host, port)))
    return 'this server speaks TLS: begin CONCLAVE_REDIS_URL with rediss, not redis';
  return undefined;
}
