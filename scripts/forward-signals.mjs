// A Ctrl-C comes twice, from the terminal and from npm: within this time it is one wish to stop.
const sameSignalMs = 500;
const parentLookMs = 500;

/**
 * Passes on what asks this process to end. The child is to be in a process group of its own, so that the terminal's Ctrl-C
 * reaches it through here, once.
 */
export function forwardSignals(child) {
  const sentAt = new Map();
  const forward = (signal) => {
    const now = Date.now();
    if (now - (sentAt.get(signal) ?? 0) < sameSignalMs) return;
    sentAt.set(signal, now);
    child.kill(signal);
  };
  process.on('SIGINT', () => forward('SIGINT'));
  process.on('SIGTERM', () => forward('SIGTERM'));
  // The terminal was closed: end quickly, nobody is looking.
  process.on('SIGHUP', () => forward('SIGINT'));
  whenNpmEnds(() => forward('SIGTERM'));
}

/** A signal that is sent to npm itself ends npm and its shell, and reaches nobody else. */
export function whenNpmEnds(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    end();
  }, parentLookMs);
  watch.unref();
}
