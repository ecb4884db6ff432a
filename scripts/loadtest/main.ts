/** The first argument says which tool; scripts/loadtest/start.mjs runs this. */
import { runK6Load } from './k6-load.ts';
import { runNativeLoad } from './native-load.ts';

/** Long enough for k6 to write its report, and for gateways to end. */
const stopping = new AbortController();
process.on('SIGINT', () => stopping.abort());
process.on('SIGTERM', () => stopping.abort());

const [, , tool, ...args] = process.argv;
const run = tool === 'native' ? runNativeLoad : runK6Load;
process.exit(await run(args, stopping.signal));
