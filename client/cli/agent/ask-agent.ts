import { lstatSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { isErrno } from '../../profile/private-files.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  ANSWER_BYTES_MAX,
  bodyOf,
  parseAnswer,
  requestFrame,
} from './agent-messages.ts';

/** `none`: nothing listens, whether or not a killed agent left its socket. */
export type Asked =
  | { readonly kind: 'answer'; readonly answer: AgentAnswer }
  | { readonly kind: 'none' }
  /** Not a socket, or one that others than this user could have made or can use. */
  | { readonly kind: 'unsafe' }
  /** Something listens, and gives no answer that this release understands. */
  | { readonly kind: 'silent' };

/** An agent only waits for requests: one that was stopped must not hold up every command. */
const ANSWER_MS_MAX = 5_000;
/** sockaddr_un without its final zero: 108 bytes on Linux, 104 on systems of the BSD family. Node cuts off the rest without a word. */
export const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
const OTHERS = 0o077;

/** Asks the agent whose socket is at this path; never rejects. */
export async function askAgent(
  path: string,
  request: AgentRequest,
  answerMs: number = ANSWER_MS_MAX,
): Promise<Asked> {
  const found = socketAt(path);
  if (found !== 'ours') return { kind: found };
  const received = await exchanged(path, requestFrame(request), answerMs);
  if (!Buffer.isBuffer(received)) return { kind: received };
  const body = bodyOf(received, ANSWER_BYTES_MAX);
  const answer = body === undefined || body === 'too_long' ? undefined : parseAnswer(body);
  return answer === undefined ? { kind: 'silent' } : { kind: 'answer', answer };
}

function socketAt(path: string): 'ours' | 'none' | 'unsafe' {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) return 'none';
  let found: Stats;
  try {
    found = lstatSync(path);
  } catch (error) {
    return isErrno(error, 'ENOENT') ? 'none' : 'unsafe';
  }
  const isOurs = found.isSocket() && found.uid === process.geteuid?.() && (found.mode & OTHERS) === 0;
  return isOurs ? 'ours' : 'unsafe';
}

/** Sends the frame and gives everything that comes back, up to the longest answer. */
function exchanged(path: string, frame: Uint8Array, answerMs: number): Promise<Buffer | 'none' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => done('silent'), answerMs);
    let received = Buffer.alloc(0);
    const done = (outcome: Buffer | 'none' | 'silent'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.on('error', (error) =>
      done(isErrno(error, 'ECONNREFUSED') || isErrno(error, 'ENOENT') ? 'none' : 'silent'),
    );
    socket.on('close', () => done(received));
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      if (bodyOf(received, ANSWER_BYTES_MAX) !== undefined) done(received);
    });
    socket.write(frame);
  });
}
