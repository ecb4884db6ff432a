import { WebSocket } from 'ws';
import {
  type AccountStorage,
  type Clock,
  type ConclaveClient,
  createClient,
  type Room,
  type WebSocketConstructor,
} from '../../../client/sdk/index.ts';
import { decodeServerMessage } from '../../../src/protocol/client-codec.ts';
import { requests } from '../../../src/protocol/requests.ts';
import { readRequestHead } from '../../../src/protocol/server-codec.ts';

/** Where a client dies while it has an epoch stored: before the request is out, or when the reply to it comes. */
export type DeathAt = 'before' | 'after';

/** A running client of one account on one storage, which can lose its connections, and die. */
export class MortalDevice {
  readonly client: ConclaveClient;
  /** Outlives the client. */
  readonly storage: AccountStorage;
  room: Room | undefined;
  /** The position up to which its messages were looked at. */
  checkedThrough = 0;
  readonly life: Life;

  private constructor(client: ConclaveClient, storage: AccountStorage, life: Life) {
    this.client = client;
    this.storage = storage;
    this.life = life;
  }

  static async on(storage: AccountStorage, server: string, clock: Clock): Promise<MortalDevice> {
    const life = new Life();
    const client = await createClient({
      ...{ server, clock, webSocket: life.webSocket },
      storage: life.during(storage),
      timeoutMs: undefined,
    });
    return new MortalDevice(client, storage, life);
  }
}

/** What a client does until it dies. */
class Life {
  readonly webSocket: WebSocketConstructor;
  readonly #sockets = new Set<WebSocket>();
  #deathAt: DeathAt | undefined;
  #epochRequest: number | undefined;
  #isOver = false;
  #onEnd: () => void = () => undefined;

  constructor() {
    const life = this;
    this.webSocket = class extends WebSocket {
      constructor(address: string, subprotocol: string) {
        super(address, subprotocol);
        if (life.#isOver) this.terminate();
        life.#sockets.add(this);
        this.once('close', () => life.#sockets.delete(this));
      }

      override send(data: Uint8Array): void {
        if (life.#survivesSending(data)) super.send(data);
      }

      override emit(event: string | symbol, ...args: unknown[]): boolean {
        return event === 'message' && !life.#survivesReceiving(args[0]) ? false : super.emit(event, ...args);
      }
    };
  }

  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** It ends when it next has an epoch stored. Resolves then: nothing that it does later has any effect. */
  endsAt(at: DeathAt): Promise<void> {
    this.#deathAt = at;
    return new Promise((resolve) => {
      this.#onEnd = resolve;
    });
  }

  /** It has no epoch stored any more, and goes on. */
  spare(): void {
    this.#deathAt = undefined;
  }

  /** The storage as a process has it that may die: then nothing is written, and nothing answers. */
  during(storage: AccountStorage): AccountStorage {
    const { state, chains, keys } = storage;
    return {
      ...storage,
      state: this.#guarded(state),
      chains: this.#guarded(chains),
      keys: this.#guarded(keys),
    };
  }

  #guarded<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown =>
          this.#isOver ? new Promise(() => undefined) : Reflect.apply(member, target, args);
      },
    });
  }

  #survivesSending(frame: Uint8Array): boolean {
    if (this.#isOver) return false;
    const head = readRequestHead(frame);
    if (this.#deathAt === undefined || head?.operation !== requests.epoch.op) return true;
    if (this.#deathAt === 'before') return this.#end();
    this.#epochRequest = head.id;
    return true;
  }

  #survivesReceiving(data: unknown): boolean {
    if (this.#isOver) return false;
    if (this.#epochRequest === undefined || !(data instanceof ArrayBuffer)) return true;
    const frames = decodeServerMessage(new Uint8Array(data), () => 'epoch', true);
    const isReply = frames.some((frame) => 'id' in frame && frame.id === this.#epochRequest);
    if (!isReply) return true;
    return this.#deathAt === undefined || this.#end();
  }

  /** No longer alive: false. */
  #end(): false {
    this.#isOver = true;
    this.cut();
    this.#onEnd();
    return false;
  }
}
