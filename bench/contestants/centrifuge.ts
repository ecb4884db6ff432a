import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { goProgram } from '../../test/support/programs/go-program.ts';
import { startServer } from '../../test/support/services/server-process.ts';
import { capturedMessage } from './captured-message.ts';
import { conclaveMessage, strangersRoom } from './conclave-message.ts';
import { type Conditions, type Contestant, injectorOf, receiversOf } from './contestant.ts';
import { CENTRIFUGE_CHANNEL } from './dialect.ts';
import { binaryPayload, markedPayload } from './numbered-payload.ts';
import type { PublishTemplate } from './publish-template.ts';

/** As it comes, which is what Centrifugo's defaults are too. */
export const centrifuge: Contestant = centrifugeWith('centrifuge', []);
/** With the option that Centrifugo sells: writes to a client wait as long as Conclave's do at most, for others to join them. */
export const centrifugeBatching: Contestant = centrifugeWith('centrifuge batching', ['-write-delay', '2ms']);

function centrifugeWith(name: string, options: readonly string[]): Contestant {
  return {
    name,
    enter: async (conditions, use) => {
      const program = await goProgram(join('bench', 'contestants', 'centrifuge'), conditions.say);
      if (!program.ok) return program.problem;
      const redis = `127.0.0.1:${conditions.redisPort}`;
      const common = ['-redis', redis, '-prefix', name, '-channel', CENTRIFUGE_CHANNEL];
      const server = use(
        await startServer(
          {
            name: 'centrifuge',
            command: (port) => [program.path, ...common, '-listen', `127.0.0.1:${port}`, ...options],
            url: (port) => `ws://127.0.0.1:${port}`,
            probe: async (port) => {
              const socket = connect(port, '127.0.0.1');
              await once(socket, 'connect');
              socket.destroy();
            },
          },
          {},
        ),
      );
      // Before anybody is there to count it.
      const template = await publishedMessage(program.path, common, conditions);
      return {
        name,
        pid: server.pid,
        receivers: await receiversOf({ dialect: 'centrifuge', url: server.url }, conditions, use),
        injector: await injectorOf(template, conditions, use),
      };
    },
  };
}

/** By another node's `Publish`. */
function publishedMessage(
  program: string,
  common: readonly string[],
  { redisUrl, members, ciphertextBytes }: Conditions,
): Promise<PublishTemplate> {
  const { frameBytes } = conclaveMessage(strangersRoom(members), ciphertextBytes);
  const payload = markedPayload(frameBytes, false);
  return capturedMessage(redisUrl, payload, binaryPayload, async () => {
    const publisher = spawn(program, [...common, '-publish'], { stdio: ['pipe', 'ignore', 'inherit'] });
    publisher.stdin.end(payload);
    await once(publisher, 'close');
  });
}
