/**
 * What the server runs for one request, by a trace: a gateway on the embedded backend takes the same request several times,
 * and what ran every time is the request's journey. Timers and work in the background, which fall into one window and not
 * into another, drop out by that.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RoomId } from '../../src/protocol/ids.ts';
import { parseRoomName, type RoomName } from '../../src/protocol/names.ts';
import { newKeys } from '../../test/support/new-keys.ts';
import { RawClient, rawMessage, type TestAccount } from '../../test/support/raw-client.ts';
import type { Answer, Order } from './traced-gateway.ts';

const ROUNDS = 6;

export interface Journey {
  readonly name: 'send' | 'join' | 'reconnect';
  /** `file function`, ascending. */
  readonly functions: readonly string[];
  /** Ascending. */
  readonly files: readonly string[];
}

export async function traceJourneys(): Promise<readonly Journey[]> {
  const gateway = await TracedGateway.start();
  try {
    const keys = await newKeys();
    const people = await Promise.all(
      Array.from({ length: ROUNDS + 1 }, (_, index) => gateway.person(`person${index}`, keys)),
    );
    const [owner, ...others] = people;
    if (owner === undefined) throw new TypeError('there is at least one person');
    const name = roomName('traced');
    const { info } = await owner.client.ask('create', { name, hidden: false, retention: 30 });
    await owner.client.ask('enter', { rooms: [info.room] });
    const join = await tracedJoins(gateway, owner, others, name);
    const send = await tracedSends(gateway, owner, others, info.room);
    const reconnect = await tracedReturns(gateway, owner, info.room);
    return [send, join, reconnect];
  } finally {
    await gateway.end();
  }
}

interface Person {
  readonly client: RawClient;
  readonly account: TestAccount;
  readonly token: Uint8Array;
}

/** Each person in turn becomes a member: from the request to its reply, and to the event at the owner. */
async function tracedJoins(
  gateway: TracedGateway,
  owner: Person,
  others: readonly Person[],
  name: RoomName,
): Promise<Journey> {
  let count = 0;
  return gateway.trace('join', others.length, async (round) => {
    const person = others[round];
    if (person === undefined) throw new TypeError('one person for each round');
    await person.client.ask('join', { name });
    count += 1;
    await owner.client.event('roster', count);
  });
}

/** From the frame of a message to its reply, and to its delivery at a member. */
async function tracedSends(
  gateway: TracedGateway,
  owner: Person,
  others: readonly Person[],
  room: RoomId,
): Promise<Journey> {
  const [reader] = others;
  if (reader === undefined) throw new TypeError('somebody reads');
  await reader.client.ask('enter', { rooms: [room] });
  const { version, members } = await owner.client.ask('members', { room });
  const message = { room, version, account: owner.account, members: members.length };
  let count = 0;
  const send = async (): Promise<void> => {
    await owner.client.ask('send', rawMessage(message));
    count += 1;
    await reader.client.event('deliver', count);
  };
  // The first ones raise the ceiling of the room's positions, and fill caches.
  for (let warm = 0; warm < 2; warm += 1) await send();
  return gateway.trace('send', ROUNDS, send);
}

/** A client that was cut: from dialling to the reply that it is in its room again. */
async function tracedReturns(gateway: TracedGateway, owner: Person, room: RoomId): Promise<Journey> {
  return gateway.trace('reconnect', ROUNDS, async () => {
    const client = await RawClient.connect(gateway.url);
    await client.hello();
    const resumed = await client.resume(owner.account, owner.token);
    if (resumed?.ok === undefined) throw new Error(`not resumed: ${resumed?.error}`);
    await client.ask('mine', {});
    await client.ask('enter', { rooms: [room] });
    client.socket.terminate();
    await client.closed;
  });
}

class TracedGateway {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #clients: RawClient[] = [];

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<TracedGateway> {
    const program = fileURLToPath(new URL('traced-gateway.ts', import.meta.url));
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ready = await answerOf(child);
    if (ready.kind !== 'ready') throw new TypeError('a gateway first says where it is');
    return new TracedGateway(child, ready.url);
  }

  async person(text: string, keys: TestAccount['keys']): Promise<Person> {
    const client = await RawClient.connect(this.url);
    this.#clients.push(client);
    await client.hello();
    const account = await client.register(text, keys);
    const opened = await client.login(account);
    if (opened?.ok === undefined) throw new Error(`no login: ${opened?.error}`);
    return { client, account, token: opened.ok.token };
  }

  async trace(
    name: Journey['name'],
    rounds: number,
    round: (index: number) => Promise<void>,
  ): Promise<Journey> {
    let always: ReadonlySet<string> | undefined;
    for (let index = 0; index < rounds; index += 1) {
      await this.#ask('begin');
      await round(index);
      const taken = await this.#ask('take');
      if (taken.kind !== 'ran') throw new TypeError('a taken trace is what ran');
      const ran = new Set(taken.functions);
      always = always === undefined ? ran : new Set([...always].filter((entry) => ran.has(entry)));
    }
    const functions = [...(always ?? [])].sort();
    const files = [...new Set(functions.map((entry) => entry.slice(0, entry.indexOf(' '))))];
    return { name, functions, files };
  }

  #ask(order: Order): Promise<Answer> {
    this.#child.send(order);
    return answerOf(this.#child);
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    const ended = once(this.#child, 'exit');
    this.#child.send('end');
    await ended;
  }
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  const [answer] = await once(child, 'message');
  return answer as Answer;
}

function roomName(text: string): RoomName {
  const name = parseRoomName(text);
  if (name === undefined) throw new Error(`${text} is no room name`);
  return name;
}
