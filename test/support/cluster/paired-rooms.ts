import type { Room } from '../../../client/sdk/index.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { Device, People } from './people.ts';

const ROOMS_MADE_AT_ONCE = 4;

interface Pair {
  readonly writers: Room;
  readonly readers: Room;
}

/** Rooms of two people on two gateways: one writes in all of them, the other reads along. */
export class PairedRooms {
  readonly #pairs: readonly Pair[];
  /** Who waits for a text, by room and text. */
  readonly #awaited = new Map<string, () => void>();
  readonly reader: Device;

  private constructor(pairs: readonly Pair[], reader: Device) {
    this.#pairs = pairs;
    this.reader = reader;
    for (const { readers } of pairs) this.#follow(readers).catch(() => undefined);
  }

  static async make(people: People, urls: readonly [string, string], count: number): Promise<PairedRooms> {
    const [writer, reader] = [await people.register('Ann', urls[0]), await people.register('Bob', urls[1])];
    const pairs: Pair[] = [];
    for (let made = 0; made < count; made += ROOMS_MADE_AT_ONCE) {
      const names = Array.from(
        { length: Math.min(ROOMS_MADE_AT_ONCE, count - made) },
        (_, i) => `Room${made + i}`,
      );
      const next = await Promise.all(names.map((name) => pairIn(name, writer, reader)));
      pairs.push(...next);
    }
    return new PairedRooms(pairs, reader);
  }

  get ids(): readonly Room['id'][] {
    return this.#pairs.map(({ readers }) => readers.id);
  }

  get names(): readonly string[] {
    return this.#pairs.map(({ readers }) => readers.name);
  }

  /** Writes a text in every room at once. Milliseconds until the reader was shown it, for each room. */
  sayEverywhere(text: string): Promise<readonly number[]> {
    return Promise.all(
      this.#pairs.map(async ({ writers }) => {
        const shown = new Promise<void>((resolve) => {
          this.#awaited.set(`${writers.id} ${text}`, resolve);
        });
        const startedMs = performance.now();
        await writers.send(text);
        await shown;
        return performance.now() - startedMs;
      }),
    );
  }

  async #follow(room: Room): Promise<void> {
    for await (const message of room.follow({ after: 'joined' })) {
      if (message.type !== 'message') continue;
      const key = `${room.id} ${message.text}`;
      this.#awaited.get(key)?.();
      this.#awaited.delete(key);
    }
  }
}

async function pairIn(name: string, writer: Device, reader: Device): Promise<Pair> {
  await writer.client.create(name);
  await reader.client.join(name);
  return { writers: await writer.client.room(name), readers: await reader.client.room(name) };
}

/** Operations of the stores that gateways have asked for so far, probes of the connection aside. */
export async function storeOperations(gateways: readonly GatewayProcess[]): Promise<number> {
  const pages = await Promise.all(gateways.map((gateway) => gateway.metrics()));
  const lines = pages.flatMap((page) => page.split('\n'));
  return lines
    .filter((line) => line.startsWith('conclave_store_operations_total') && !line.includes('"probe"'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
