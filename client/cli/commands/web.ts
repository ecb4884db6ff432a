import { readWebPage } from '../../../src/page/web-page.ts';
import { isErrno } from '../../profile/private-files.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { probe } from '../../sdk/connection/probe.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { serverOf } from '../account.ts';
import { BoundedWebSocket } from '../bounded-web-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_UNEXPECTED, usage } from '../exit-codes.ts';
import { PageRelay } from '../relay/page-relay.ts';
import { packageVersion } from '../version.ts';
import { wholeNumber } from '../whole-number.ts';

/** Browsers keep accounts by address, so it has to be the same one at each start. */
const PORT_DEFAULT = 7433;
const PORT_MAX = 65_535;

export interface WebOptions {
  readonly port?: string;
}

/** Serves the page of this package on this machine until it is interrupted. */
export async function web(context: CommandContext, { port: given }: WebOptions): Promise<void> {
  const { interrupted, output, settings } = context;
  const port = given === undefined ? PORT_DEFAULT : parsedPort(given);
  const assets = readWebPage();
  if (assets === undefined)
    throw new CommandFailure('page_not_built', cliTexts.usage.page_not_built, EXIT_UNEXPECTED);
  const server = await serverOf(settings);
  const relay = await PageRelay.open({ server, assets, port }).catch((error: unknown) => {
    throw portFailure(error, port);
  });
  try {
    output.data(
      { type: 'page', url: relay.address, server },
      cliTexts.said.page_at({ url: relay.address, server }),
    );
    await probe({
      ...{ origin: server, webSocket: BoundedWebSocket, clock: systemClock, abort: interrupted },
      program: `conclave/${packageVersion()}`,
    }).catch((error: unknown) => {
      if (!(error instanceof ConclaveError)) throw error;
      if (!interrupted.aborted) output.note(filled(cliTexts.said.page_waits, { reason: error.message }));
    });
    if (!interrupted.aborted)
      await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
  } finally {
    await relay.close();
  }
}

function parsedPort(given: string): number {
  const port = wholeNumber(given, 0, PORT_MAX);
  if (port === undefined) throw usage(filled(cliTexts.usage.bad_port, { given, count: PORT_MAX }));
  return port;
}

function portFailure(error: unknown, port: number): unknown {
  if (isErrno(error, 'EADDRINUSE'))
    return new CommandFailure(
      'port_taken',
      filled(cliTexts.usage.port_taken, { given: String(port) }),
      EXIT_UNEXPECTED,
      error,
    );
  if (isErrno(error, 'EACCES'))
    return usage(filled(cliTexts.usage.port_not_allowed, { given: String(port) }));
  return error;
}
