import { statfs } from 'node:fs/promises';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { CommitSize } from './write-lane.ts';

/** While there is plenty of room, free space is looked up this often; near the reserve, before each commit. */
const LOOK_EVERY_MS = 1_000;
const NEAR_RESERVES = 4;
/** LMDB copies the pages that a change touches: a leaf, and the change's share of branches and of the list of free pages. */
const BYTES_PER_CHANGE = 2 * 4_096;

/** What reading needs may take so much of the reserve: a reader settles positions before it says that nothing is there. */
const RESERVE_SHARE = 0.5;

/** A commit would take from the reserve. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/**
 * Keeps the disk of the data directory from filling up: writes are refused while some room is left. A commit that meets
 * a full disk (ENOSPC) would end the process: LMDB 3.5.6 writes past the end of a buffer when it words that error.
 * Another program that fills the reserve between two looks can still cause it.
 */
export class DiskRoom {
  readonly #folder: string;
  readonly #reserveBytes: number;
  readonly #telemetry: Telemetry;
  /** What was free at the last look, less what was committed since. */
  #freeBytes = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string, reserveBytes: number, telemetry: Telemetry) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
    this.#telemetry = telemetry;
  }

  /** Throws DiskFull when a commit of this size would take more from the reserve than it may. */
  async require({ byteCount, changeCount, fromReserve }: CommitSize): Promise<void> {
    const isLate = performance.now() - this.#lookedAtMs >= LOOK_EVERY_MS;
    if (isLate || this.#freeBytes < NEAR_RESERVES * this.#reserveBytes) await this.#look();
    const cost = 2 * byteCount + changeCount * BYTES_PER_CHANGE;
    if (this.#freeBytes - cost < this.#reserveBytes * (fromReserve ? RESERVE_SHARE : 1))
      throw new DiskFull(
        `the disk of ${this.#folder} has ${this.#freeBytes} bytes free, and ${this.#reserveBytes} of them are kept back ` +
          '(CONCLAVE_DISK_RESERVE_BYTES)',
      );
    this.#freeBytes -= cost;
  }

  async #look(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    this.#freeBytes = bavail * bsize;
    this.#lookedAtMs = performance.now();
    this.#telemetry.storeFree(this.#freeBytes, this.#reserveBytes);
  }
}
