import { setTimeout as delay } from 'node:timers/promises';
import type { MessageId } from '../../../src/protocol/ids.ts';
import { Fault } from '../../../src/protocol/shape.ts';
import { isErrno } from '../../profile/private-files.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { Backoff } from '../../sdk/connection/backoff.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { goneRoomError } from '../../sdk/rooms/gone-room.ts';
import type { ActionOnFiles, Room, Sent } from '../../sdk/rooms/room.ts';
import { carriedFiles } from '../../sdk/rooms/timeline.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { messageOf } from '../commands/message-target.ts';
import { roomEnd, tellConnection } from '../commands/room-lines.ts';
import { unlockIfNeeded } from '../commands/room-password.ts';
import { openedRoom } from '../commands/tail.ts';
import { EXIT_DONE, failureOf, interruption, usage } from '../exit-codes.ts';
import { shownRoom } from '../name-arguments.ts';
import { BotProgram, type ProgramEnd } from './bot-program.ts';
import { type BotRequest, parseBotRequest } from './bot-requests.ts';
import { BotRoom, UNACKNOWLEDGED_MAX } from './bot-room.ts';

export interface BotOptions {
  /** Hand over the account's own messages, too. */
  readonly own?: boolean;
  /** False: every message counts as acknowledged once it was given. */
  readonly ack?: boolean;
}

const ROOMS_MAX = 100;
const PAUSE_MS_MIN = 1_000;

/**
 * Runs a program that reads messages as JSON lines and writes what to do, until it ends with 0, or every room is gone. Whenever it ends
 * otherwise it is started again. `words`: names of rooms, then the program as it stands after `--`.
 */
export async function runBot(
  context: CommandContext,
  words: readonly string[],
  { own = false, ack = true }: BotOptions,
): Promise<void> {
  const { afterDashes: command, output } = context;
  const names = words.slice(0, words.length - command.length).map(shownRoom);
  if (command.length === 0) throw usage(cliTexts.usage.bot_program);
  if (names.length === 0 || names.length > ROOMS_MAX)
    throw usage(filled(cliTexts.usage.bot_rooms, { count: ROOMS_MAX }));
  const client = await context.connected();
  const { id: me } = await client.me();
  const rooms: BotRoom[] = [];
  for (const name of names) {
    const room = await openedRoom(client, name);
    await unlockIfNeeded(context, room);
    if (rooms.some((other) => other.room === room)) continue;
    const onStalled = ({ name: stalled }: Room): void =>
      output.note(cliTexts.bot.stalled({ room: stalled, count: UNACKNOWLEDGED_MAX }));
    rooms.push(new BotRoom(room, { except: own ? undefined : me, isDoneWhenGiven: !ack, onStalled }));
  }
  void tellConnection(output, client).catch(() => undefined);
  await new Bot(context, client, rooms, command).run();
}

class Bot {
  readonly #context: CommandContext;
  readonly #client: ConclaveClient;
  readonly #rooms: readonly BotRoom[];
  readonly #command: readonly string[];
  readonly #backoff = new Backoff(systemClock);
  /** Aborted by an interrupt, and when no room is left. */
  readonly #over = new AbortController();

  constructor(
    context: CommandContext,
    client: ConclaveClient,
    rooms: readonly BotRoom[],
    command: readonly string[],
  ) {
    this.#context = context;
    this.#client = client;
    this.#rooms = rooms;
    this.#command = command;
  }

  async run(): Promise<void> {
    const { interrupted } = this.#context;
    const stop = (): void => this.#over.abort();
    interrupted.addEventListener('abort', stop, { once: true });
    if (interrupted.aborted) stop();
    const ends = Promise.allSettled(this.#rooms.map((room) => this.#follow(room)));
    void ends.then(stop);
    await this.#keepRunning();
    if (interrupted.aborted) throw interruption();
    if (!this.#over.signal.aborted) return;
    const { status } = this.#client;
    if (status.state === 'closed' && status.error !== undefined) throw status.error;
    for (const end of await ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Until the room is gone, which it rejects with. The others go on. */
  async #follow(room: BotRoom): Promise<void> {
    const end = roomEnd(this.#context.output, room.room);
    void room.watch().catch(() => undefined);
    await room.read();
    const gone = await end;
    if (gone === undefined) return;
    const error = goneRoomError(gone.reason, room.room.name);
    this.#context.output.note(error.message);
    throw error;
  }

  /** Returns when the program has done its work, and when there is nothing to do any more. */
  async #keepRunning(): Promise<void> {
    const over = this.#over.signal;
    while (!over.aborted) {
      const startedAt = performance.now();
      const end = await this.#runOnce();
      if (end.code === EXIT_DONE || over.aborted) return;
      this.#backoff.endedAfter(performance.now() - startedAt);
      const pauseMs = this.#backoff.nextMs(PAUSE_MS_MIN);
      const how = end.signal ?? filled(cliTexts.bot.exit_code, { code: end.code ?? '' });
      this.#context.output.data({ type: 'program', state: 'ended', exitCode: end.code, signal: end.signal });
      this.#context.output.note(
        cliTexts.bot.ended({ program: this.#name, how, seconds: Math.ceil(pauseMs / 1_000) }),
      );
      await delay(pauseMs, undefined, { signal: over }).catch(() => undefined);
    }
  }

  async #runOnce(): Promise<ProgramEnd> {
    const { output } = this.#context;
    const program = new BotProgram(this.#command);
    const stop = (): void => void program.stop();
    this.#over.signal.addEventListener('abort', stop, { once: true });
    output.data({ type: 'program', state: 'started' });
    const handing = this.#rooms.map((room) => room.handTo(program));
    try {
      // Whatever it wrote before its end is done before the end counts.
      const [end] = await Promise.all([program.ended, this.#serve(program), ...handing]);
      return end;
    } catch (error) {
      await program.stop();
      throw this.#startFailure(error);
    } finally {
      this.#over.signal.removeEventListener('abort', stop);
    }
  }

  /** Does what the program asks for, one after another, until it closes its output. */
  async #serve(program: BotProgram): Promise<void> {
    for await (const { text, number } of program.lines()) {
      const request = parseBotRequest(text);
      if (request instanceof Fault) await this.#refuse(program, number, `${request}`);
      else await this.#do(program, number, request);
    }
  }

  async #do(program: BotProgram, line: number, request: BotRequest): Promise<void> {
    const room = this.#roomOf(request.room);
    if (room === undefined) {
      const why = request.room === undefined ? 'which_room' : 'not_in_room';
      return this.#refuse(program, line, filled(cliTexts.bot[why], { room: request.room }), request);
    }
    if (request.type === 'done') {
      if (await room.acknowledge(request.seq)) return undefined;
      return this.#refuse(program, line, cliTexts.bot.not_given, request);
    }
    try {
      const sent = await withRetries(() => act(room.room, request));
      const { seq, id } = sent;
      return await program.answer({ type: 'sent', room: sent.room, seq, id, ...tagOf(request) });
    } catch (error) {
      const { code, message } = failureOf(error, { room: room.room.name });
      return this.#refuse(program, line, message, request, code);
    }
  }

  #roomOf(name: string | undefined): BotRoom | undefined {
    if (name === undefined) return this.#rooms.length === 1 ? this.#rooms[0] : undefined;
    return this.#rooms.find(({ room }) => room.name.toLowerCase() === name.toLowerCase());
  }

  /** Said to both: a program that does not listen fails in front of a person. */
  async #refuse(
    program: BotProgram,
    line: number,
    message: string,
    request: { readonly tag?: string } = {},
    code = 'usage',
  ): Promise<void> {
    this.#context.output.note(filled(cliTexts.bot.refused, { program: this.#name, line, said: message }));
    await program.answer({ type: 'refused', line, code, message, ...tagOf(request) });
  }

  get #name(): string {
    return this.#command[0] ?? '';
  }

  #startFailure(error: unknown): unknown {
    const path = this.#name;
    if (isErrno(error, 'ENOENT')) return usage(filled(cliTexts.usage.bot_missing, { path }));
    return isErrno(error, 'EACCES') ? usage(filled(cliTexts.usage.bot_forbidden, { path })) : error;
  }
}

const tagOf = ({ tag }: { readonly tag?: string }): { readonly tag?: string } =>
  tag === undefined ? {} : { tag };

async function act(room: Room, request: Exclude<BotRequest, { readonly type: 'done' }>): Promise<Sent> {
  switch (request.type) {
    case 'send':
      return room.send(request.text, request);
    case 'edit':
      return room.edit(request.of, request.text, request);
    case 'retract':
      return room.retract(request.of, await carriedBy(room, request.of));
    case 'remove':
      return room.remove(request.of, request.why, await carriedBy(room, request.of));
    case 'react':
      return room.react(request.of, request.emoji, { add: request.add ?? true });
    default:
      return request satisfies never;
  }
}

/** The files of a message that the program names by its id. One that is not found is acted on all the same. */
async function carriedBy(room: Room, of: MessageId): Promise<ActionOnFiles> {
  const target = await messageOf(room, of);
  return target === undefined ? {} : { carried: carriedFiles(target) };
}
