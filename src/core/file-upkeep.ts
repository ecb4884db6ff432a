import type { Background } from '../lib/background.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { WallClock } from './core-parts.ts';

/** On average; nodes look at different moments. */
const SWEEP_EVERY_MS = 60_000;

interface FileUpkeepParts {
  readonly files: Pick<FileStore, 'reclaim'>;
  readonly background: Background<LogEvent>;
  readonly telemetry: Telemetry;
  readonly clock: WallClock;
}

/** Frees the space of files that were discarded or are over. Every node sweeps: what a node that died left is found by others. */
export class FileUpkeep {
  readonly #parts: FileUpkeepParts;
  #isSweeping = false;
  /** Something was discarded since the present sweep looked. */
  #isDue = false;

  constructor(parts: FileUpkeepParts) {
    this.#parts = parts;
  }

  /** Sweeps until the background is closed. */
  start(): void {
    const { background } = this.#parts;
    background.run('file_sweeps', async () => {
      for (;;) {
        await background.pause(SWEEP_EVERY_MS * (0.5 + Math.random()));
        await this.#sweep();
      }
    });
  }

  /** Something was discarded just now. In the background: one sweep, and one more for all that is discarded during it. */
  soon(): void {
    this.#isDue = true;
    if (this.#isSweeping) return;
    this.#parts.background.run('file_sweep', async () => {
      this.#isSweeping = true;
      while (this.#isDue) {
        this.#isDue = false;
        await this.#sweep();
      }
      this.#isSweeping = false;
    });
  }

  async #sweep(): Promise<void> {
    const { files, background, telemetry, clock } = this.#parts;
    try {
      while (!background.signal.aborted && (await files.reclaim(clock.nowMs())));
    } catch (error) {
      // Whoever watches the store tells of that; the next sweep is soon.
      if (!(error instanceof Unavailable)) telemetry.warn('file_sweep', error);
    }
  }
}
