import { textIn } from '../../loadtest/native/parent-and-child.ts';
import { conclaveMessage, sharedMessage, strangersRoom } from './conclave-message.ts';
import { benchChild, type Contestant, injectorOf, receiversOf } from './contestant.ts';
import { publishTemplate } from './publish-template.ts';

const CHANNEL = 'bench:bare';

/** `wraps`: each gets another frame. Else all get the same: by one send each, or by a topic of uWebSockets. */
export type BareWay = 'wraps' | 'sends' | 'topics';

/** The least that could do a gateway's work, with the messages of one. */
export const bareLoop: Contestant = bareOf('bare loop', 'wraps');
export const bareSends: Contestant = bareOf('bare loop suite 2 sends', 'sends');
export const bareTopics: Contestant = bareOf('bare loop suite 2 topics', 'topics');

function bareOf(name: string, way: BareWay): Contestant {
  return {
    name,
    enter: async (conditions, use) => {
      const server = use(benchChild('bare-loop-server.ts'));
      const channel = `${CHANNEL}:${way}`;
      const url = textIn(
        await server.call('start', { redisPort: conditions.redisPort, channel, way }),
        'url',
      );
      const { envelope, places, stampBeforeEnd } = (way === 'wraps' ? conclaveMessage : sharedMessage)(
        strangersRoom(conditions.members),
        conditions.ciphertextBytes,
      );
      return {
        name,
        pid: server.pid,
        receivers: await receiversOf({ dialect: 'conclave', url, stampBeforeEnd }, conditions, use),
        injector: await injectorOf(publishTemplate(channel, envelope, places), conditions, use),
      };
    },
  };
}
