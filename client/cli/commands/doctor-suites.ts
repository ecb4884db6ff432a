import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import type { OwnRoom } from '../../sdk/rooms/own-room.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { isoTime, localTime } from '../output.ts';
import { type Check, failedCheck, found } from './doctor-check.ts';

/** The prekeys of a connected account, then each of its rooms. */
export async function* suiteChecks(client: ConclaveClient): AsyncGenerator<Check> {
  yield await prekeysCheck(client);
  for (const room of await client.ownRooms()) yield await roomCheck(client, room);
}

/** Publishes those that are due, so that it tells what others find from now on. */
async function prekeysCheck(client: ConclaveClient): Promise<Check> {
  try {
    const published = await client.publishPrekeys();
    if (published === undefined) return found('prekeys', true, 'prekeys_not_stored');
    const { weeksAhead, publishedAt } = published;
    const time = publishedAt === undefined ? undefined : localTime(publishedAt);
    return {
      ...{ name: 'prekeys', ok: true, message: cliTexts.doctor.prekeys({ count: weeksAhead, time }) },
      ...{ weeksAhead, ...(publishedAt === undefined ? {} : { publishedAt: isoTime(publishedAt) }) },
    };
  } catch (error) {
    return failedCheck('prekeys', error);
  }
}

/** What is missing is a fault of other members' clients, not of this machine. */
async function roomCheck(client: ConclaveClient, { id, room }: OwnRoom): Promise<Check> {
  try {
    const facts = await client.suiteOf(id);
    const { suite } = facts;
    const message = cliTexts.doctor[suite === SUITE_FIRST ? 'suite_first' : 'suite_of_epochs'](facts);
    const members = suite === SUITE_FIRST ? {} : facts;
    return { name: 'encryption', room, ok: true, message, suite, ...members };
  } catch (error) {
    return { ...failedCheck('encryption', error), room };
  }
}
