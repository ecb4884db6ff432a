import type { UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';

/**
 * One page of a browser at a time has an account open: it alone has the connection and writes. The lock goes with its page,
 * however that ends, and another page may take it.
 */
export class AccountLock {
  /** Resolves when another page took it. */
  readonly lost: Promise<void>;
  /** Resolves when another page can take it. */
  readonly release: () => Promise<void>;

  private constructor(lost: Promise<void>, release: () => Promise<void>) {
    this.lost = lost;
    this.release = release;
  }

  /** Whether any page has it. */
  static async isHeld(server: Origin, user: UserName): Promise<boolean> {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === nameOf(server, user));
  }

  /** Undefined: another page has it, or the wait for it was aborted. `steal`: that page loses it. */
  static take(
    server: Origin,
    user: UserName,
    how: 'if-free' | 'steal' | AbortSignal,
  ): Promise<AccountLock | undefined> {
    return new Promise((resolve, reject) => {
      const { promise: released, resolve: release } = settling();
      const { promise: lost, resolve: lose } = settling();
      let isHeld = false;
      const ended = navigator.locks
        .request(nameOf(server, user), optionsOf(how), async (lock) => {
          if (lock === null) {
            resolve(undefined);
            return;
          }
          isHeld = true;
          resolve(
            new AccountLock(lost, () => {
              release();
              return ended;
            }),
          );
          await released;
        })
        .catch((error: unknown) => {
          if (isHeld) lose();
          else if (how instanceof AbortSignal && how.aborted) resolve(undefined);
          else reject(error);
        });
    });
  }
}

function nameOf(server: Origin, user: UserName): string {
  return `conclave ${server} ${user.toLowerCase()}`;
}

function optionsOf(how: 'if-free' | 'steal' | AbortSignal): LockOptions {
  if (how === 'steal') return { steal: true };
  return how === 'if-free' ? { ifAvailable: true } : { signal: how };
}

function settling(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
