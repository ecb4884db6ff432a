import { SUITE_TWO } from '../../../src/protocol/layouts/message-header.ts';
import { openMessages } from '../open.ts';
import type { Suite } from '../suite.ts';
import { type OutgoingEpochMessage, sealEpochMessage } from './seal-epoch-message.ts';

/** One key an epoch, wrapped once for every member under RSA and X-Wing; messages, once for all, as in suite 1. */
export const suiteTwo: Suite<OutgoingEpochMessage> = {
  number: SUITE_TWO,
  seal: sealEpochMessage,
  open: openMessages,
};
