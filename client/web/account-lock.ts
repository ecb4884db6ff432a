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

  /** Undefined: another page has it. `steal`: that page loses it. */
  static take(account: string, how: 'if-free' | 'steal'): Promise<AccountLock | undefined> {
    return new Promise((resolve, reject) => {
      const { promise: released, resolve: release } = settling();
      const { promise: lost, resolve: lose } = settling();
      let isHeld = false;
      const ended = navigator.locks
        .request(account, how === 'steal' ? { steal: true } : { ifAvailable: true }, async (lock) => {
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
          else reject(error);
        });
    });
  }
}

function settling(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
