const SAY_EVERY_MS = 5_000;

/** To be called for each of `total` pieces of a long work: says now and then how many are done. */
export function progressOf(total: number, say: (line: string) => void): () => void {
  let done = 0;
  let saidAt = Date.now();
  return () => {
    done += 1;
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    say(`  ${done} of ${total}`);
  };
}
