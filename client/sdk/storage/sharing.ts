/** The processes that share a storage. */
export interface Sharing {
  /** Names this process, unlike any other that used the storage before or does now. Short ASCII text. */
  readonly holder: string;
  /** False only when the process of that name is certain to have ended. */
  mayRun(holder: string): boolean;
  /** Names the storage itself: one that was copied, or put back from a backup, has another name. Short ASCII text. */
  readonly copy: string;
}

/** A storage that only this process has. */
export const unshared: Sharing = { holder: 'this', mayRun: () => true, copy: 'only' };
