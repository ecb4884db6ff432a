// npm run cluster: works in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { prepare } from '../bootstrap.mjs';

if (!(await prepare())) process.exit(1);
const { register } = await import('tsx/esm/api');
register();
const { runCluster } = await import('./main.ts');
process.exit(await runCluster(process.argv.slice(2)));
