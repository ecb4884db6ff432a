import { SUITE_ONE } from '../../src/protocol/layouts/message-header.ts';
import { openMessages } from './open.ts';
import { sealMessage } from './seal.ts';
import type { OutgoingMessage, Suite } from './suite.ts';

/**
 * RSA-2048-OAEP-SHA256 for the copies of the content key, AES-256-GCM with a commitment for the content, Ed25519 inside
 * the encryption for the sender.
 */
export const suiteOne: Suite<OutgoingMessage> = { number: SUITE_ONE, seal: sealMessage, open: openMessages };
