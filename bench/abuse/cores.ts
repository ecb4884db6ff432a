import { execFileSync } from 'node:child_process';
import { Child } from '../../loadtest/native/parent-and-child.ts';

export const GATEWAY_CORE = 0;
const LOAD_CORE = 1;

/** A program on the core of the load. */
export function pinned(file: string): Child {
  const child = new Child(new URL(file, import.meta.url));
  pin(child.pid);
  return child;
}

/** Has its core only while no other wants it: honest members are elsewhere in the world, and wait for no hostile one's turn. */
export function yielding(file: string): Child {
  const child = pinned(file);
  quietly('chrt', ['--all-tasks', '--idle', '--pid', '0', String(child.pid)]);
  return child;
}

export function pin(pid: number): void {
  quietly('taskset', ['--all-tasks', '--cpu-list', '--pid', String(LOAD_CORE), String(pid)]);
}

function quietly(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'ignore' });
}
