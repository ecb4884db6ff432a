// A Ctrl-C comes twice, from the terminal and from npm: within this time it is one wish to stop.
const sameSignalMs = 500;

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
}
