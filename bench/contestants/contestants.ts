import { bareLoop, bareSends, bareTopics } from './bare-loop.ts';
import { centrifuge, centrifugeBatching } from './centrifuge.ts';
import { conclave, conclaveSuiteTwo, conclaveUnbatched } from './conclave.ts';
import type { Contestant } from './contestant.ts';
import { socketIoBinary, socketIoText, socketIoUws } from './socket-io.ts';

/** In the order in which they take turns. */
export const contestants: readonly Contestant[] = [
  conclave,
  conclaveSuiteTwo,
  conclaveUnbatched,
  centrifuge,
  centrifugeBatching,
  socketIoText,
  socketIoBinary,
  socketIoUws,
  bareLoop,
  bareSends,
  bareTopics,
];
