import type { Output } from '../cli/output.ts';
import type { AdminPort } from './admin-port.ts';

/** What every command works with. */
export interface AdminContext {
  readonly port: AdminPort;
  readonly output: Output;
  /** Asks the person at the terminal; throws a usage failure on a no. Without a terminal nobody is asked: it is a script's own affair. */
  confirm(question: string): Promise<void>;
}
