/**
 * npm run map                  how deep the server's code is: journeys, import chain, cycles between folders
 * npm run map -- --files       the same, with the files of each journey and of the chain
 * npm run map -- --check       exits with 1 when a budget is exceeded; part of npm run check
 */
import { folderCycles, importsPerFile, longestChain, readImportGraph } from './map/import-graph.ts';
import { type Journey, traceJourneys } from './map/journeys.ts';

/** Files on the longest chain of imports below src/, types included. */
const CHAIN_FILES_MAX = 16;

/**
 * Files that one request runs, see countedFiles(). Lower a number when the code allows it; raising one needs a reason in the
 * commit that does it.
 */
const JOURNEY_FILES_MAX: Readonly<Record<Journey['name'], number>> = { send: 28, join: 45, reconnect: 50 };

/**
 * A request's own way: without the adapters, of which another deployment has others, and without telemetry, which counts
 * beside it.
 */
function countedFiles({ files }: Journey): readonly string[] {
  return files.filter((file) => !/^src\/(adapters|telemetry)\//.test(file));
}

/** False: the budget is exceeded. */
function print(name: string, now: number, max: number): boolean {
  const isOver = now > max;
  console.log(`${name.padEnd(34)} ${`${now}`.padStart(4)}   at most ${max}${isOver ? '   EXCEEDED' : ''}`);
  return !isOver;
}

async function main(args: readonly string[]): Promise<number> {
  const isVerbose = args.includes('--files');
  const graph = readImportGraph(process.cwd());
  const chain = longestChain(graph);
  const cycles = folderCycles(graph);
  const outcomes: boolean[] = [];
  for (const journey of await traceJourneys()) {
    const files = countedFiles(journey);
    outcomes.push(print(`files that a ${journey.name} runs`, files.length, JOURNEY_FILES_MAX[journey.name]));
    if (isVerbose) for (const file of files) console.log(`    ${file}`);
  }
  outcomes.push(print('longest chain of imports', chain.length, CHAIN_FILES_MAX));
  if (isVerbose) for (const file of chain) console.log(`    ${file}`);
  outcomes.push(print('cycles between folders', cycles.length, 0));
  for (const cycle of cycles) console.log(`    ${cycle.join(' ⇄ ')}`);
  console.log(`${graph.imports.size} files, ${importsPerFile(graph).toFixed(1)} internal imports each`);
  return args.includes('--check') && outcomes.includes(false) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
