const MEMORY_PAGES = 1;
/** Offsets in the memory that WASI reads and writes. */
const SUBSCRIPTIONS = 0;
const EVENTS = 256;
const EVENT_COUNT = 512;
/** Layouts of WASI preview 1: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md */
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const CLOCK = 0;
const CLOCK_MONOTONIC = 1;
const FILE_READABLE = 1;
/** Less than a millisecond is none: libuv would look before the system has answered. */
const WAIT_NS = 1_000_000n;

/** The types of Node leave it out. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

export interface PipePoll {
  /** Whether a write to the pipe would fail. Takes about a millisecond. */
  hasFault(file: number): boolean;
}

/** poll(2), which Node offers nowhere but in its WASI. Undefined where that is missing or has become another. */
export async function pipePoll(): Promise<PipePoll | undefined> {
  try {
    const { WASI } = await quietly(() => import('node:wasi'));
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES });
    const wasi = await quietly(async () => new WASI({ version: 'preview1' }));
    wasi.initialize({ exports: { memory } });
    const poll = wasi.wasiImport['poll_oneoff'];
    if (typeof poll !== 'function') return undefined;
    return { hasFault: (file) => hasFault(poll, new DataView(memory.buffer), file) };
  } catch {
    return undefined;
  }
}

/** Waits for the clock, or for something to read from the end of a pipe that is only written to: that can be nothing but a fault. */
function hasFault(poll: (...args: readonly number[]) => unknown, view: DataView, file: number): boolean {
  view.setUint8(SUBSCRIPTIONS + 8, CLOCK);
  view.setUint32(SUBSCRIPTIONS + 16, CLOCK_MONOTONIC, true);
  view.setBigUint64(SUBSCRIPTIONS + 24, WAIT_NS, true);
  view.setUint8(SUBSCRIPTIONS + SUBSCRIPTION_BYTES + 8, FILE_READABLE);
  view.setUint32(SUBSCRIPTIONS + SUBSCRIPTION_BYTES + 16, file, true);
  if (poll(SUBSCRIPTIONS, EVENTS, 2, EVENT_COUNT) !== 0) return false;
  return Array.from({ length: view.getUint32(EVENT_COUNT, true) }, (_, i) => EVENTS + i * EVENT_BYTES).some(
    (event) => view.getUint8(event + 10) === FILE_READABLE && view.getUint16(event + 8, true) !== 0,
  );
}

/** Node warns that its WASI may change: whoever watches a room can do nothing about that. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
