import { failedCode } from '../cli/command-end.ts';
import { EXIT_DONE, failureOf } from '../cli/exit-codes.ts';
import { Output } from '../cli/output.ts';
import type { Edge } from '../cli/run-cli.ts';
import { Terminal } from '../cli/terminal.ts';
import { AdminPort } from './admin-port.ts';
import { parseAdminLine } from './admin-program.ts';
import { readAdminSettings } from './admin-settings.ts';

/** Runs one command and gives its exit code; never throws. */
export async function runAdmin(edge: Edge): Promise<number> {
  const { argv, environment, stdout, stderr, version, interrupted } = edge;
  const output = new Output({ json: argv.includes('--json'), stdout, stderr });
  try {
    const chosen = await parseAdminLine(argv, version, {
      out: (text) => stdout.write(text),
      err: (text) => stderr.write(text),
    });
    if (chosen === undefined) return EXIT_DONE;
    const settings = await readAdminSettings(chosen.options, environment);
    if (settings.warning !== undefined) output.note(settings.warning);
    await chosen.run({
      port: new AdminPort(settings, interrupted, output),
      output,
      terminal: new Terminal({ mayAsk: chosen.options.input !== false, interrupted }),
    });
    return EXIT_DONE;
  } catch (error) {
    return failedCode(failureOf(error), output, interrupted);
  }
}
