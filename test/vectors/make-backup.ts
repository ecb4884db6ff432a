import { linkChannel, linkCommit, linkSecrets, newLinkShare } from '../../client/crypto/link-secrets.ts';
import { recoveryKeys, sealAccount } from '../../client/crypto/sealed-account.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { keyHashOf } from '../../client/sdk/backup/link-ticket.ts';
import { toHex, utf8 } from '../../src/protocol/bytes.ts';
import { parseUserId } from '../../src/protocol/ids.ts';
import { linkAccountContext, linkTranscriptInput } from '../../src/protocol/layouts/link-inputs.ts';
import { backupContext, recoverySalt } from '../../src/protocol/layouts/sealed-account.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { recoveryCodeOf, shownRecoveryCode } from '../../src/protocol/recovery-code.ts';
import { present } from './vector-keys.ts';

const origin = present(parseOrigin('wss://chat.example'));
const user = present(parseUserId('a1'.repeat(16)));
const nonce = new Uint8Array(12).fill(0x0c);
const counted = (length: number, from: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) & 0xff);

/** Codes with their check letters, what one of them is turned into, and an account sealed with that. */
export async function backupVectors(): Promise<unknown> {
  const randoms = [new Uint8Array(15), new Uint8Array(15).fill(0xff), counted(15, 1), counted(15, 0x80)];
  const codes = randoms.map((random) => ({
    random: toHex(random),
    code: shownRecoveryCode(recoveryCodeOf(random)),
  }));
  const username = foldName(present(parseUserName('Alice')));
  const code = recoveryCodeOf(counted(15, 1));
  const { key, token } = await recoveryKeys(code, origin, username);
  const place = { origin, user, version: 7, sequence: 2 };
  const context = backupContext(place);
  const contents = [utf8('an account'), new Uint8Array(16_383).fill(0x61), new Uint8Array(16_384).fill(0x62)];
  return {
    codes,
    refused: ['10M0-0000-0000-0000-0000-0000', '0000-0000-0000-0000-0000-0001', '0000-0000-0000-0000-0000'],
    keys: {
      ...{ code, origin, username, salt: toHex(recoverySalt(origin, username)) },
      ...{ key: toHex(key), token: toHex(token), stored: toHex(await sha256(token)) },
    },
    place: { ...place, context: toHex(context) },
    sealed: await Promise.all(
      contents.map(async (content) => ({
        content: toHex(content.length > 100 ? content.subarray(0, 1) : content),
        repeated: content.length > 100 ? content.length : 1,
        nonce: toHex(nonce),
        sealed_sha256: toHex(await sha256(await sealAccount(key, context, content, nonce))),
      })),
    ),
  };
}

/** One link, from both ends. */
export async function linkVectors(): Promise<unknown> {
  const [old, fresh] = [
    await newLinkShare(counted(32, 1), counted(32, 0x40)),
    await newLinkShare(counted(32, 0x80), counted(32, 0xc0)),
  ];
  const code = 'K10MPQRS';
  const [channel, commit] = [await linkChannel(code), await linkCommit(fresh.share)];
  const transcript = { origin, channel, commit, old: old.share, fresh: fresh.share };
  const secrets = present(await linkSecrets(old, fresh.share, transcript));
  return {
    ...{ code, origin, channel: toHex(channel), commit: toHex(commit) },
    old: { scalar: toHex(counted(32, 1)), share: toHex(old.share) },
    fresh: {
      scalar: toHex(counted(32, 0x80)),
      share: toHex(fresh.share),
      key_letters: await keyHashOf(fresh.keys.publicKey),
    },
    transcript_input: toHex(linkTranscriptInput(transcript)),
    transcript: toHex(secrets.transcriptHash),
    digits: secrets.digits,
    key: toHex(secrets.key),
    account_context: toHex(linkAccountContext(secrets.transcriptHash)),
  };
}
