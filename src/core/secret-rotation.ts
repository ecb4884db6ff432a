import { encodeNotice } from '../domain/envelope.ts';
import { CONTROL_CHANNEL } from '../ports/broker.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import type { Background } from './background.ts';
import type { ClusterSecretBook } from './cluster-secrets.ts';
import type { WallClock } from './core-parts.ts';
import type { Publisher } from './publisher.ts';

/** Then a token with an unknown number, or the next notice, makes this node read. */
const READ_ATTEMPTS_MAX = 12;
const PAUSE_MS_FIRST = 100;
const PAUSE_MS_MAX = 5_000;

interface SecretRotationParts {
  readonly book: ClusterSecretBook;
  readonly publisher: Publisher;
  readonly background: Background;
  readonly clock: WallClock;
}

/** Changes of the secret that signs resume tokens, by an operator or told by another node. */
export class SecretRotation {
  readonly #parts: SecretRotationParts;

  constructor(parts: SecretRotationParts) {
    this.#parts = parts;
  }

  /** The store first, then every node is told to read it: no secret goes through the broker. */
  async rotate(): Promise<AdminReply<'rotate-secret'> | AdminRefusal> {
    const { book, publisher, clock } = this.#parts;
    const outcome = await book.rotate(clock.nowMs());
    switch (outcome.kind) {
      case 'rotated': {
        await publisher.publish(CONTROL_CHANNEL, encodeNotice({ about: 'secrets' }));
        const { number, previousUntil } = outcome;
        return { number, previousUntil };
      }
      case 'conflict':
        return { refused: 'conflict' };
      case 'too_many':
        return { refused: 'too_many_secrets' };
      default:
        return outcome satisfies never;
    }
  }

  /** Other secrets may be in the store than this node knows. In the background. */
  changed(): void {
    const { book, background } = this.#parts;
    background.run('secrets_read', async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await book.refresh();
          return;
        } catch (error) {
          if (!(error instanceof Unavailable) || attempt === READ_ATTEMPTS_MAX) throw error;
        }
        await background.pause(Math.random() * Math.min(PAUSE_MS_MAX, PAUSE_MS_FIRST * 2 ** attempt));
      }
    });
  }
}
