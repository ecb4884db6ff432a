import { Emitter } from '@socket.io/redis-emitter';
import { Redis } from 'ioredis';
import { textIn } from '../../loadtest/native/parent-and-child.ts';
import { capturedMessage } from './captured-message.ts';
import { conclaveMessage, strangersRoom } from './conclave-message.ts';
import { benchChild, type Conditions, type Contestant, injectorOf, receiversOf } from './contestant.ts';
import { binaryPayload, markedPayload, textPayload } from './numbered-payload.ts';
import type { PublishTemplate } from './publish-template.ts';

const ROOM = 'bench';
const EVENT = 'm';

/** As it comes, with a string, of which it makes the frame only once for all: a ciphertext would have to be a longer one. */
export const socketIoText: Contestant = socketIoWith('socket.io text', true, false);
/** With the parser that its documentation has for binary content. */
export const socketIoBinary: Contestant = socketIoWith('socket.io binary', false, false);
/** The same on uWebSockets.js in place of `ws`, whose topics then do the fan-out. */
export const socketIoUws: Contestant = socketIoWith('socket.io on uws', false, true);

function socketIoWith(name: string, isText: boolean, isOnUws: boolean): Contestant {
  return {
    name,
    enter: async (conditions, use) => {
      const server = use(benchChild('socket-io-server.ts'));
      const { redisPort } = conditions;
      const started = await server.call('start', { redisPort, key: name, room: ROOM, isText, isOnUws });
      // Before anybody is there to count it.
      const template = await emittedMessage(name, isText, conditions);
      const dialect = isText ? 'socket.io text' : 'socket.io binary';
      return {
        name,
        pid: server.pid,
        receivers: await receiversOf({ dialect, url: textIn(started, 'url') }, conditions, use),
        injector: await injectorOf(template, conditions, use),
      };
    },
  };
}

/** By the package with which processes that are no servers emit. */
async function emittedMessage(
  key: string,
  isText: boolean,
  { redisUrl, members, ciphertextBytes }: Conditions,
): Promise<PublishTemplate> {
  const { frameBytes } = conclaveMessage(strangersRoom(members), ciphertextBytes);
  const payload = markedPayload(frameBytes, isText);
  const redis = new Redis(redisUrl);
  try {
    return await capturedMessage(redisUrl, payload, isText ? textPayload : binaryPayload, () => {
      new Emitter(redis, { key }).to(ROOM).emit(EVENT, isText ? payload.toString('latin1') : payload);
      return Promise.resolve();
    });
  } finally {
    redis.disconnect();
  }
}
