/** In a container: prepares a load in the folder of the first argument, with the script that k6 runs there. */
import { join } from 'node:path';
import { prepare, tooManyFrames } from '../../loadtest/prepare/prepare.ts';
import { refuse } from '../command-line.ts';
import { bundleK6 } from './bundle.ts';
import { parseLoadOptions } from './options.ts';

const stopping = new AbortController();
process.on('SIGINT', () => stopping.abort());
process.on('SIGTERM', () => stopping.abort());

async function main([folder = '', ...args]: readonly string[]): Promise<number> {
  const options = parseLoadOptions(args);
  if ('exitCode' in options) return refuse(options);
  const { scenario, parameters, url, origin } = options;
  const problem =
    url === undefined ? '--url is needed here' : (slowOnes(parameters) ?? tooManyFrames(parameters));
  if (url === undefined || problem !== undefined) {
    console.error(problem);
    return 2;
  }
  await bundleK6(join(folder, 'k6.js'));
  await prepare({
    scenario: scenario.name,
    parameters,
    url,
    origin: origin ?? url,
    folder,
    keysFile: join(folder, 'keys.json'),
    say: (line) => console.error(line),
    signal: stopping.signal,
  });
  return 0;
}

function slowOnes(parameters: { readonly 'slow-members': number }): string | undefined {
  return parameters['slow-members'] > 0
    ? 'slow members read through a relay, which only npm run loadtest has'
    : undefined;
}

process.exitCode = await main(process.argv.slice(2));
