import type { SendOutcome, Socket } from '../../../src/gateway/socket.ts';

/** A socket that keeps what it was sent, and answers as it is told. */
export class FakeSocket implements Socket {
  /** Frames, copied as a socket does; those of one cork in one write. */
  readonly writes: Uint8Array[][] = [];
  ended: { readonly code: number; readonly reason: string } | undefined;
  answer: SendOutcome = 'sent';
  buffered = 0;
  pings = 0;
  #corked: Uint8Array[] | undefined;

  get frames(): Uint8Array[] {
    return this.writes.flat();
  }

  send(frame: Uint8Array): SendOutcome {
    if (this.answer === 'refused') return 'refused';
    const copy = new Uint8Array(frame);
    if (this.#corked === undefined) this.writes.push([copy]);
    else this.#corked.push(copy);
    return this.answer;
  }

  cork(write: () => void): void {
    this.#corked = [];
    write();
    this.writes.push(this.#corked);
    this.#corked = undefined;
  }

  ping(): void {
    this.pings += 1;
  }

  bufferedBytes(): number {
    return this.buffered;
  }

  end(code: number, reason: string): void {
    this.ended = { code, reason };
  }

  terminate(): void {
    this.ended = { code: 1006, reason: '' };
  }
}
