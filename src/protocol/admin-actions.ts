import { roomName, userName } from './entities.ts';
import { parseInviteCode, shownInviteCode } from './invite-code.ts';
import {
  bool,
  type Fault,
  list,
  type MapShape,
  map,
  optional,
  type Parsed,
  parsedText,
  type Shape,
  text,
  uint,
} from './shape.ts';

/** Before the action's name, on the admin port. */
export const ADMIN_PATH_PREFIX = '/admin/';
/** In the data directory of a gateway on the embedded store: the bearer token, and a line end. */
export const ADMIN_TOKEN_FILE = 'admin-token';
/** What a token looks like: characters that a header can carry as they are. */
export const ADMIN_TOKEN_FORM: RegExp = /^[\x21-\x7e]{16,256}$/;
/** Bytes of a request's body; the largest one there is names a node or a person. */
export const ADMIN_BODY_BYTES_MAX = 4096;
/** Nodes that one answer lists. */
export const ADMIN_NODES_MAX = 1000;
/** Sessions that one order may name. */
const SHED_MAX = 1_000_000;

declare const brand: unique symbol;
/** One start of one gateway process: 32 hexadecimal digits, random. Two nodes of one name differ in it. */
export type RunId = string & { readonly [brand]: 'RunId' };

export function parseRunId(value: unknown): RunId | undefined {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? (value as RunId) : undefined;
}

/** A node as its operator calls it: NODE_ID, or the run that `nodes` shows. */
export function parseNodeName(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined;
}
const nodeName = parsedText('1 to 64 letters, digits, ".", "_" or "-"', parseNodeName);
const runId = parsedText('32 hexadecimal digits', parseRunId);

const statusFields = {
  run: runId,
  node: nodeName,
  version: text(64),
  /** Milliseconds since 1970. */
  startedAt: uint(),
  connections: uint(),
  sessions: uint(),
  rooms: uint(),
  draining: bool,
  /** The newest schema that it knows; earlier releases know the first one, and don't say. */
  schema: optional(uint()),
} as const;

/** How one node is, as it says itself. */
export const nodeStatus = map(statusFields);
export type NodeStatus = Parsed<typeof nodeStatus>;

/** `leaseMs`: how long this holds without another word of the node. */
export const leasedNode = map({ ...statusFields, leaseMs: uint() });
export type LeasedNode = Parsed<typeof leasedNode>;

interface AdminErrorEntry {
  /** HTTP status. */
  readonly status: number;
  readonly meaning: string;
}

/** What an action may end with besides its reply. */
export const adminErrors = {
  bad_request: { status: 400, meaning: 'the body is not what this action takes' },
  unauthorized: { status: 401, meaning: 'the bearer token is missing or wrong' },
  forbidden: { status: 403, meaning: 'actions are not open to this request' },
  not_found: { status: 404, meaning: 'there is nothing here' },
  method_not_allowed: { status: 405, meaning: 'this action takes another method' },
  too_large: { status: 413, meaning: `the body is over ${ADMIN_BODY_BYTES_MAX} bytes` },
  unsupported_type: {
    status: 415,
    meaning: 'an action takes a body of type application/json',
  },
  busy: { status: 429, meaning: 'too many actions are under way on this node' },
  failed: { status: 500, meaning: 'the node failed at something it should not have' },
  unavailable: {
    status: 503,
    meaning:
      'Redis or MongoDB does not answer, or the node is not ready yet; whether it took effect is unknown',
  },
  no_such_node: { status: 404, meaning: 'no node of this name holds a lease' },
  ambiguous_node: { status: 409, meaning: 'several nodes have this name' },
  no_such_user: { status: 404, meaning: 'nobody has this name, or the account was closed' },
  no_such_room: { status: 404, meaning: 'there is no room of this name' },
  not_by_invitation: {
    status: 409,
    meaning: 'this node does not take accounts by invitation',
  },
  too_many_secrets: {
    status: 409,
    meaning: 'too many secrets of the last 24 hours are still accepted: try again when the oldest is over',
  },
  conflict: { status: 409, meaning: 'something else changed the same thing first: try again' },
  unknown_schema: { status: 409, meaning: 'gateways of this release do not know that schema' },
  older_nodes: {
    status: 409,
    meaning: 'gateways of an older release are running, which would misread the new form: replace them first',
  },
  unconfirmed: {
    status: 504,
    meaning:
      'the node did not confirm in time: it may be paused, cut off, or of a version without this action',
  },
} as const satisfies Record<string, AdminErrorEntry>;

export type AdminErrorName = keyof typeof adminErrors;

interface AdminEntry {
  readonly method: 'get' | 'post';
  readonly body: Shape<unknown>;
  readonly reply: MapShape<unknown>;
}

const orderReply = map({ node: nodeName, sessions: uint() });

/** In groups, as it is printed. */
const shownCode = parsedText('invitation code', (value) => {
  const code = parseInviteCode(value);
  return code === undefined ? undefined : shownInviteCode(code);
});

/** Answered with the name as its owner wrote it. */
const accountAction = {
  method: 'post',
  body: map({ user: userName }),
  reply: map({ user: userName }),
} as const;

/** THE table of what operators ask: types, the services' use cases, metric labels and `conclave-admin` come from here. */
export const adminActions = {
  nodes: {
    method: 'get',
    body: map({}),
    reply: map({ nodes: list(leasedNode, ADMIN_NODES_MAX) }),
  },
  /** `sessions`: those that are told to move. */
  drain: { method: 'post', body: map({ node: nodeName }), reply: orderReply },
  shed: { method: 'post', body: map({ node: nodeName, count: uint(SHED_MAX) }), reply: orderReply },
  revoke: accountAction,
  disable: accountAction,
  enable: accountAction,
  purge: {
    method: 'post',
    body: map({ room: roomName }),
    reply: map({ room: roomName, members: uint() }),
  },
  /** The code is in the answer and nowhere else. */
  invite: {
    method: 'post',
    body: map({}),
    reply: map({ code: shownCode, expiresAt: uint() }),
  },
  /** `previousUntil`: tokens of the secret before are accepted until then, in milliseconds since 1970. */
  'rotate-secret': { method: 'post', body: map({}), reply: map({ number: uint(), previousUntil: uint() }) },
  /** The form in which the store is written, and the newest that this gateway knows. */
  schema: { method: 'get', body: map({}), reply: map({ number: uint(), newest: uint() }) },
  'raise-schema': { method: 'post', body: map({ number: uint() }), reply: map({ number: uint() }) },
} as const satisfies Record<string, AdminEntry>;

export type AdminActions = typeof adminActions;
export type AdminActionName = keyof AdminActions;
export type AdminBody<Name extends AdminActionName> = Parsed<AdminActions[Name]['body']>;
export type AdminReply<Name extends AdminActionName> = Parsed<AdminActions[Name]['reply']>;

export const adminActionNames: readonly AdminActionName[] = Object.keys(adminActions) as AdminActionName[];

/** A refusal is a value; it becomes an HTTP status and a body `{error, message}`. */
export interface AdminRefusal {
  readonly refused: AdminErrorName;
  /** For people, in English; the error's meaning when it is left out. */
  readonly message?: string;
}

export function isAdminRefusal(value: object): value is AdminRefusal {
  return 'refused' in value;
}

export const adminRefusalBody = map({ error: text(64), message: text(512) });

/** What came as JSON for this action; a Fault says what is wrong with it. */
export function parseAdminBody<Name extends AdminActionName>(
  action: Name,
  json: unknown,
): AdminBody<Name> | Fault {
  return adminActions[action].body.parse(json, 'strict') as AdminBody<Name> | Fault;
}

/** What a node answered; newer ones may say more. */
export function parseAdminReply<Name extends AdminActionName>(
  action: Name,
  json: unknown,
): AdminReply<Name> | Fault {
  return adminActions[action].reply.parse(json, 'lenient') as AdminReply<Name> | Fault;
}
