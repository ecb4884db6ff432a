/** The first argument says which tool; scripts/loadtest/start.mjs runs this. */
import { runK6Load } from './k6-load.ts';

/** Long enough for k6 to write its report, and for gateways to end. */
const stopping = new AbortController();
process.on('SIGINT', () => stopping.abort());
process.on('SIGTERM', () => stopping.abort());

const [, , , ...args] = process.argv;
process.exit(await runK6Load(args, stopping.signal));
