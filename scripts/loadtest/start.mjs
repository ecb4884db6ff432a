// npm run loadtest, npm run loadtest:native: work in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { prepare } from '../bootstrap.mjs';
import { runApart } from '../run-apart.mjs';

if (!(await prepare())) process.exit(1);
// At a Ctrl-C k6 stops first, and only then the cluster under it.
const args = ['--import', 'tsx', 'scripts/loadtest/main.ts', ...process.argv.slice(2)];
process.exit(await runApart(args, 'inherit').exitCode);
