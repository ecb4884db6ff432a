import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ADMIN_BODY_BYTES_MAX,
  ADMIN_PATH_PREFIX,
  type AdminActionName,
  type AdminBody,
  type AdminErrorName,
  type AdminRefusal,
  type AdminReply,
  adminActionNames,
  adminActions,
  adminErrors,
  isAdminRefusal,
  parseAdminBody,
} from '../protocol/admin-actions.ts';
import { Fault } from '../protocol/shape.ts';
import { readBody } from './request-body.ts';
import { sendJson } from './send-json.ts';

const TOO_LARGE: AdminRefusal = { refused: 'too_large' };

/** What carries out actions: see AdminApi. */
export interface ActionTaker {
  /** Never throws. */
  act<Name extends AdminActionName>(
    action: Name,
    body: AdminBody<Name>,
  ): Promise<AdminReply<Name> | AdminRefusal>;
  /** A request that never became an action. */
  denied(action: AdminActionName | 'unknown', reason: AdminErrorName): void;
}

/** Answers a request for a path below `/admin/`: exactly the paths of the table, each with its method. Never rejects. */
export async function answerAction(
  request: IncomingMessage,
  response: ServerResponse,
  { path, denied, api }: { path: string; denied: AdminRefusal | undefined; api: ActionTaker },
): Promise<void> {
  const action = adminActionNames.find((name) => path === `${ADMIN_PATH_PREFIX}${name}`);
  const refusal = denied ?? refusalOf(request, action);
  if (refusal !== undefined || action === undefined) {
    const shown = refusal ?? { refused: 'not_found' };
    api.denied(action ?? 'unknown', shown.refused);
    // The rest of the body is not read: the connection ends.
    sendRefusal(response, shown, { end: true, action });
    return;
  }
  if (adminActions[action].method === 'get') return run(api, action, {}, response);
  const body = await readBody(request, ADMIN_BODY_BYTES_MAX);
  if (body === undefined) return;
  const read = body === 'too_large' ? TOO_LARGE : parseJson(body);
  if ('refused' in read) {
    api.denied(action, read.refused);
    sendRefusal(response, read, { end: body === 'too_large', action });
    return;
  }
  return run(api, action, read.json, response);
}

function refusalOf(request: IncomingMessage, action: AdminActionName | undefined): AdminRefusal | undefined {
  if (action === undefined) return { refused: 'not_found' };
  const { method } = adminActions[action];
  if (request.method !== method.toUpperCase()) return { refused: 'method_not_allowed' };
  if (method === 'post' && !/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? ''))
    return { refused: 'unsupported_type' };
  return undefined;
}

async function run<Name extends AdminActionName>(
  api: ActionTaker,
  action: Name,
  json: unknown,
  response: ServerResponse,
): Promise<void> {
  const body = parseAdminBody(action, json);
  if (body instanceof Fault) {
    const refusal: AdminRefusal = { refused: 'bad_request', message: body.toString() };
    api.denied(action, refusal.refused);
    sendRefusal(response, refusal, { end: false, action });
    return;
  }
  const outcome = await api.act(action, body);
  if (isAdminRefusal(outcome)) sendRefusal(response, outcome, { end: false, action });
  else sendJson(response, 200, outcome);
}

function sendRefusal(
  response: ServerResponse,
  { refused, message }: AdminRefusal,
  { end, action }: { readonly end: boolean; readonly action: AdminActionName | undefined },
): void {
  const { status, meaning } = adminErrors[refused];
  const headers: Record<string, string> = {};
  if (refused === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer';
  if (refused === 'method_not_allowed' && action !== undefined)
    headers['Allow'] = adminActions[action].method.toUpperCase();
  sendJson(response, status, { error: refused, message: message ?? meaning }, { headers, end });
}

function parseJson(body: Uint8Array): { readonly json: unknown } | AdminRefusal {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { json: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { refused: 'bad_request', message: 'the body is not JSON in UTF-8' };
  }
}
