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
import { limitedBody, parsedJson } from '../cli/limited-body.ts';
import type { Output } from '../cli/output.ts';
import { tellIfSlow } from '../cli/slow-answer.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { connectionFaultOf } from '../texts/connection-fault.ts';
import { filled, type Values } from '../texts/filled.ts';
import type { AdminSettings } from './admin-settings.ts';

/** The largest answer is the list of nodes; what is above is no answer of a gateway. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** The admin port of one gateway, over HTTP. */
export class AdminPort {
  readonly #settings: AdminSettings;
  readonly #interrupted: AbortSignal;
  readonly #output: Output;

  constructor(settings: AdminSettings, interrupted: AbortSignal, output: Output) {
    this.#settings = settings;
    this.#output = output;
    this.#interrupted = interrupted;
  }

  /** Throws a CommandFailure. */
  async ask<Name extends AdminActionName>(action: Name, body: AdminBody<Name>): Promise<AdminReply<Name>> {
    const { status, text } = await tellIfSlow(this.#output, this.#exchange(action, body));
    const json = parsedJson(text);
    if (status === 200) {
      const reply = parseAdminReply(action, json);
      if (!(reply instanceof Fault)) return reply;
    }
    throw this.#refusal(status, json, body);
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
      const text = await limitedBody(response, ANSWER_BYTES_MAX);
      if (text === undefined)
        throw new CommandFailure('unexpected', filled(cliTexts.admin.too_long, { url }), EXIT_UNEXPECTED);
      return { status: response.status, text };
    } catch (error) {
      if (error instanceof CommandFailure) throw error;
      if (this.#interrupted.aborted) throw interruption();
      if (late.aborted) throw this.#failure('timeout', cliTexts.admin.no_answer, EXIT_TIMED_OUT, error);
      const fault = connectionFaultOf(reasonOf(error), url);
      const text = cliTexts.admin[connectionFaults.find((known) => known === fault) ?? 'no_connection'];
      throw this.#failure('no_connection', text, EXIT_NO_CONNECTION, error);
    }
  }

  #failure(
    code: string,
    text: string,
    exitCode: number,
    cause: unknown,
    values: Values = {},
  ): CommandFailure {
    const { url } = this.#settings;
    const { host, hostname } = new URL(url);
    return new CommandFailure(code, filled(text, { url, host, hostname, ...values }), exitCode, cause);
  }

  #refusal(status: number, json: unknown, body: object): CommandFailure {
    const parsed = adminRefusalBody.parse(json, 'lenient');
    if (parsed instanceof Fault)
      return this.#failure('unexpected', cliTexts.admin.not_a_gateway, EXIT_UNEXPECTED, undefined, {
        status,
      });
    const { error, message } = parsed;
    const known = Object.entries(cliTexts.adminRefusals).find(([name]) => name === error)?.[1];
    const values = { ...namesOf(body), said: message, token: this.#tokenAdvice() };
    return this.#failure(error, known ?? cliTexts.admin.unknown_refusal, exitCodeOf(error), message, values);
  }

  #tokenAdvice(): string {
    const { token } = this.#settings;
    const { source } = token;
    return filled(cliTexts.admin[token.value === undefined ? 'no_token' : 'wrong_token'], { source });
  }
}

const connectionFaults = ['nothing_listens', 'no_such_host', 'unreachable', 'plain_not_tls'] as const;

function exitCodeOf(error: string): number {
  if (error === 'unauthorized' || error === 'forbidden') return EXIT_LOGIN_REFUSED;
  return error === 'unconfirmed' ? EXIT_TIMED_OUT : EXIT_REFUSED;
}

/** What the action was about. */
function namesOf(body: object): Values {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'));
}

/** fetch says only that it failed; why is in the cause, and of several addresses in the causes of that. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return `${error.code} ${error.message}`;
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
