import { EXIT_DONE, failureOf } from '../cli/exit-codes.ts';
import { Output } from '../cli/output.ts';
import type { Edge } from '../cli/run-cli.ts';
import { AdminPort } from './admin-port.ts';
import { parseAdminLine } from './admin-program.ts';
import { readAdminSettings } from './admin-settings.ts';

/** Runs one command and gives its exit code; never throws. */
export async function runAdmin(edge: Edge): Promise<number> {
  const { argv, environment, stdout, stderr, version, interrupted } = edge;
  const output = new Output({ json: argv.includes('--json'), stdout, stderr });
  try {
    const chosen = parseAdminLine(argv, version, {
      out: (text) => stdout.write(text),
      err: (text) => stderr.write(text),
    });
    if (chosen === undefined) return EXIT_DONE;
    const settings = await readAdminSettings(chosen.options, environment);
    await chosen.run({ port: new AdminPort(settings, interrupted), output });
    return EXIT_DONE;
  } catch (error) {
    const failure = failureOf(error);
    output.failure(failure);
    return failure.exitCode;
  }
}
