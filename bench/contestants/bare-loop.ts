import { textIn } from '../../loadtest/native/parent-and-child.ts';
import { conclaveMessage, strangersRoom } from './conclave-message.ts';
import { benchChild, type Contestant, injectorOf, receiversOf } from './contestant.ts';
import { publishTemplate } from './publish-template.ts';

const CHANNEL = 'bench:bare';

/** The least that could do a gateway's work, with the messages of one. */
export const bareLoop: Contestant = {
  name: 'bare loop',
  enter: async (conditions, use) => {
    const server = use(benchChild('bare-loop-server.ts'));
    const url = textIn(
      await server.call('start', { redisPort: conditions.redisPort, channel: CHANNEL }),
      'url',
    );
    const { envelope, places, stampBeforeEnd } = conclaveMessage(
      strangersRoom(conditions.members),
      conditions.ciphertextBytes,
    );
    return {
      name: 'bare loop',
      pid: server.pid,
      receivers: await receiversOf({ dialect: 'conclave', url, stampBeforeEnd }, conditions, use),
      injector: await injectorOf(publishTemplate(CHANNEL, envelope, places), conditions, use),
    };
  },
};
