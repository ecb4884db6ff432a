import { spawn } from 'node:child_process';
import { constants } from 'node:os';

// A Ctrl-C comes twice, from the terminal and from npm: within this time it is one wish to stop.
const sameSignalMs = 500;

/**
 * Runs Node in a process group of its own, so that what asks this process to end reaches it through here, once. `exitCode`
 * is the one that a shell would give.
 */
export function runApart(args, stdout) {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', stdout, 'inherit'],
    detached: process.platform !== 'win32',
  });
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
  const exitCode = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  return { stdout: child.stdout, exitCode };
}
