import type { Output } from '../cli/output.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { AdminPort } from './admin-port.ts';

/** What every command works with. */
export interface AdminContext {
  readonly port: AdminPort;
  readonly output: Output;
  readonly terminal: Terminal;
}
