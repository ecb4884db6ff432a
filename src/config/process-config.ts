import { readFileSync } from 'node:fs';
import { type ConfigOutcome, readConfig } from './read-config.ts';

/** The configuration from this process's environment and the files that it names. */
export function readProcessConfig(): ConfigOutcome {
  return readConfig(process.env, (file) => readFileSync(file, 'utf8'));
}
