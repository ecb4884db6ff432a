import {
  ADMIN_PATH_PREFIX,
  type AdminActionName,
  type AdminBody,
  type AdminReply,
  adminActions,
  adminRefusalBody,
  parseAdminReply,
} from '../../src/protocol/admin-actions.ts';
import { Fault } from '../../src/protocol/shape.ts';
import {
  CommandFailure,
  EXIT_LOGIN_REFUSED,
  EXIT_NO_CONNECTION,
  EXIT_REFUSED,
  EXIT_TIMED_OUT,
  EXIT_UNEXPECTED,
  interruption,
} from '../cli/exit-codes.ts';
import type { AdminSettings } from './admin-settings.ts';

/** The largest answer is the list of nodes; what is above is no answer of a gateway. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** The admin port of one gateway, over HTTP. */
export class AdminPort {
  readonly #settings: AdminSettings;
  readonly #interrupted: AbortSignal;

  constructor(settings: AdminSettings, interrupted: AbortSignal) {
    this.#settings = settings;
    this.#interrupted = interrupted;
  }

  /** Throws a CommandFailure. */
  async ask<Name extends AdminActionName>(action: Name, body: AdminBody<Name>): Promise<AdminReply<Name>> {
    const { status, text } = await this.#exchange(action, body);
    const json = parsedJson(text);
    if (status === 200) {
      const reply = parseAdminReply(action, json);
      if (!(reply instanceof Fault)) return reply;
    }
    throw this.#refusal(status, json);
  }

  async #exchange(
    action: AdminActionName,
    body: object,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { url, token, timeoutMs } = this.#settings;
    const { method } = adminActions[action];
    const isPost = method === 'post';
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${url}${ADMIN_PATH_PREFIX}${action}`, {
        method: method.toUpperCase(),
        headers: {
          ...(token.value !== undefined && { Authorization: `Bearer ${token.value}` }),
          ...(isPost && { 'Content-Type': 'application/json' }),
        },
        ...(isPost && { body: JSON.stringify(body) }),
        // The token is for this address and no other.
        redirect: 'error',
        signal: AbortSignal.any([late, this.#interrupted]),
      });
      return { status: response.status, text: await limitedText(response) };
    } catch (error) {
      if (error instanceof CommandFailure) throw error;
      if (this.#interrupted.aborted) throw interruption();
      if (late.aborted) throw new CommandFailure('timeout', `${url} did not answer in time`, EXIT_TIMED_OUT);
      const message = `no connection to ${url} (${reasonOf(error)})`;
      throw new CommandFailure('no_connection', message, EXIT_NO_CONNECTION, error);
    }
  }

  #refusal(status: number, json: unknown): CommandFailure {
    const { url, token } = this.#settings;
    const parsed = adminRefusalBody.parse(json, 'lenient');
    if (parsed instanceof Fault)
      return new CommandFailure(
        'unexpected',
        `${url} answers as no gateway does (HTTP ${status})`,
        EXIT_UNEXPECTED,
      );
    const { error, message } = parsed;
    switch (error) {
      case 'unauthorized': {
        const advice =
          token.value === undefined
            ? `there is no token ${token.source}. Give --token-file FILE`
            : `the token ${token.source} is not the one of this gateway`;
        return new CommandFailure(error, `${message}: ${advice}`, EXIT_LOGIN_REFUSED);
      }
      case 'forbidden':
        return new CommandFailure(error, message, EXIT_LOGIN_REFUSED);
      case 'not_found':
        return new CommandFailure(
          error,
          `${url} does not know this action: it is not an admin port, or one of an older gateway`,
          EXIT_REFUSED,
        );
      case 'unconfirmed':
        return new CommandFailure(error, message, EXIT_TIMED_OUT);
      default:
        return new CommandFailure(error, message, EXIT_REFUSED);
    }
  }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX)
      throw new CommandFailure('unexpected', 'the answer is too long for a gateway', EXIT_UNEXPECTED);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says only that it failed; why is in the cause, and of several addresses in the causes of that. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
