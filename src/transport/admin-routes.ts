import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { AdminDesk } from '../gateway/admin-desk.ts';
import {
  ADMIN_BODY_BYTES_MAX,
  ADMIN_PATH_PREFIX,
  type AdminActionName,
  type AdminRefusal,
  adminActionNames,
  adminActions,
  adminErrors,
  isAdminRefusal,
  parseAdminBody,
} from '../protocol/admin-actions.ts';
import { Fault } from '../protocol/shape.ts';
import { type AdminAccess, refuseAccess } from './admin-access.ts';
import { headerLines } from './header-lines.ts';
import { readBody } from './request-body.ts';
import { sendJson } from './send-json.ts';

const TOO_LARGE: AdminRefusal = { refused: 'too_large' };

/** What of the desk the routes need. */
export type ActionTaker = Pick<AdminDesk, 'act' | 'denied'>;

/** Actions below `/admin/`: exactly the paths of the table, each with its method. */
export function addAdminRoutes(app: TemplatedApp, access: AdminAccess, desk: ActionTaker): void {
  app.any(`${ADMIN_PATH_PREFIX}*`, (response, request) => {
    const action = actionAt(request.getUrl());
    const denied = refusalAtTheDoor(request, action, access);
    if (denied !== undefined || action === undefined) {
      const refusal = denied ?? { refused: 'not_found' };
      desk.denied(action ?? 'unknown', refusal.refused);
      // What is left of the body is not read: the connection ends.
      sendRefusal(response, refusal, { end: true, action });
      return;
    }
    const answer = answerOnce(response);
    if (adminActions[action].method === 'get') {
      run(desk, action, {}, answer);
      return;
    }
    readBody(response, ADMIN_BODY_BYTES_MAX, (body) => {
      const read = body === 'too_large' ? TOO_LARGE : parseJson(body);
      if ('refused' in read) {
        desk.denied(action, read.refused);
        answer((live) => sendRefusal(live, read, { end: body === 'too_large', action }));
      } else {
        run(desk, action, read.json, answer);
      }
    });
  });
}

function actionAt(path: string): AdminActionName | undefined {
  return adminActionNames.find((name) => path === `${ADMIN_PATH_PREFIX}${name}`);
}

/** Who may not act is told nothing else. */
function refusalAtTheDoor(
  request: HttpRequest,
  action: AdminActionName | undefined,
  access: AdminAccess,
): AdminRefusal | undefined {
  const [host, origin, authorization] = ['host', 'origin', 'authorization'].map((name) =>
    headerLines(request, name),
  );
  const knock = { host: host ?? '', origin: origin ?? '', authorization: authorization ?? '' };
  const refused = refuseAccess(knock, access);
  if (refused !== undefined) return refused;
  if (action === undefined) return { refused: 'not_found' };
  const { method } = adminActions[action];
  if (request.getMethod() !== method) return { refused: 'method_not_allowed' };
  if (method === 'post' && !/^application\/json *(;|$)/i.test(headerLines(request, 'content-type')))
    return { refused: 'unsupported_type' };
  return undefined;
}

function run<Name extends AdminActionName>(
  desk: ActionTaker,
  action: Name,
  json: unknown,
  answer: (write: (live: HttpResponse) => void) => void,
): void {
  const body = parseAdminBody(action, json);
  if (body instanceof Fault) {
    const refusal: AdminRefusal = { refused: 'bad_request', message: body.toString() };
    desk.denied(action, refusal.refused);
    answer((live) => sendRefusal(live, refusal, { end: false, action }));
    return;
  }
  // It never rejects.
  void desk.act(action, body).then((outcome) =>
    answer((live) => {
      if (isAdminRefusal(outcome)) sendRefusal(live, outcome, { end: false, action });
      else sendJson(live, '200 OK', outcome);
    }),
  );
}

function sendRefusal(
  response: HttpResponse,
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

/** Gives a way to answer that does nothing when the client has gone. */
function answerOnce(response: HttpResponse): (write: (live: HttpResponse) => void) => void {
  let isGone = false;
  response.onAborted(() => {
    isGone = true;
  });
  return (write) => {
    if (!isGone) response.cork(() => write(response));
    isGone = true;
  };
}

function parseJson(body: Uint8Array): { readonly json: unknown } | AdminRefusal {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { json: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { refused: 'bad_request', message: 'the body is not JSON in UTF-8' };
  }
}
