import { clearScreenDown, type Interface, moveCursor } from 'node:readline';

/** One part as a person wants to see it. */
export interface PartStatus {
  readonly name: string;
  readonly state: string;
  readonly where: string;
  /** What changes all the time, such as the number of connections. */
  readonly detail: string;
}

/** Shows one line per part. */
export interface Board {
  show(parts: readonly PartStatus[]): void;
  /** A line that stays. */
  say(line: string): void;
}

export function partLine({ name, state, where, detail }: PartStatus): string {
  return `${name.padEnd(16)} ${where.padEnd(26)} ${state}${detail === '' ? '' : `, ${detail}`}`;
}

/** For pipes and logs: a line only when a part's state is another than before. */
export class ChangesBoard implements Board {
  #states = new Map<string, string>();

  show(parts: readonly PartStatus[]): void {
    const states = new Map(parts.map((part) => [part.name, part.state]));
    for (const part of parts)
      if (this.#states.get(part.name) !== part.state) this.say(partLine({ ...part, detail: '' }));
    this.#states = states;
  }

  say(line: string): void {
    console.log(line);
  }
}

/** For a terminal: the lines stand above the prompt and are written anew in place. */
export class LiveBoard implements Board {
  readonly #input: Interface;
  /** Lines of the board above the prompt that the next show() overwrites. */
  #drawn = 0;
  #last: readonly PartStatus[] = [];

  constructor(input: Interface) {
    this.#input = input;
    // The terminal has moved on: what was drawn stays where it is.
    input.on('line', () => {
      this.#drawn = 0;
    });
  }

  show(parts: readonly PartStatus[]): void {
    this.#erase();
    this.#last = parts;
    this.#draw();
  }

  say(line: string): void {
    this.#erase();
    process.stdout.write(`${line}\n`);
    this.#draw();
  }

  #erase(): void {
    moveCursor(process.stdout, -(process.stdout.columns ?? 0), -this.#drawn);
    clearScreenDown(process.stdout);
    this.#drawn = 0;
  }

  #draw(): void {
    const width = (process.stdout.columns ?? 80) - 1;
    for (const part of this.#last) process.stdout.write(`${partLine(part).slice(0, width)}\n`);
    this.#drawn = this.#last.length;
    // Writes the prompt and what was typed so far.
    this.#input.prompt(true);
  }
}
