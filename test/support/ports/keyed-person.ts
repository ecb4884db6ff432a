import { randomBytes } from 'node:crypto';
import {
  answerChallenge,
  proveRegistration,
  signAct,
  signResume,
} from '../../../client/crypto/connection-proofs.ts';
import { signIdentity } from '../../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../../client/crypto/identity-keys.ts';
import type { Caller, Greeting, Opened, PendingLogin } from '../../../src/core/caller.ts';
import type { Core } from '../../../src/core/core.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { type Origin, parseOrigin } from '../../../src/protocol/origin.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { beginLogin, finishLogin, resumeSession } from '../../../src/requests/logins.ts';
import { register } from '../../../src/requests/registration.ts';
import { newKeys } from '../new-keys.ts';
import { accepted } from './prepared-send.ts';

export const testOrigin: Origin = originOf('ws://127.0.0.1:8080');
export const testAddress = '127.0.0.1';

export function originOf(text: string): Origin {
  const origin = parseOrigin(text);
  if (origin === undefined) throw new Error(`${text} is no origin`);
  return origin;
}

/** A connection after its hello. */
export function greeting(origin: Origin = testOrigin): Greeting {
  const nonce = (): Uint8Array => new Uint8Array(randomBytes(32));
  return { origin, clientNonce: nonce(), serverNonce: nonce() };
}

/** Someone with real keys, who talks to the accounts as the bundled client does. */
export class KeyedPerson {
  readonly name: UserName;
  readonly keys: IdentityKeys;
  /** Made once, so that a rotation can name it. */
  readonly identity: SignedIdentity;

  private constructor(name: UserName, keys: IdentityKeys, identity: SignedIdentity) {
    this.name = name;
    this.keys = keys;
    this.identity = identity;
  }

  /** `keys`: RSA keys take long to make, and several may share them. */
  static async make(text: string, keys?: IdentityKeys): Promise<KeyedPerson> {
    const name = parseUserName(text);
    if (name === undefined) throw new Error(`${text} is no user name`);
    const own = keys ?? (await newKeys());
    return new KeyedPerson(name, own, await signIdentity(own, { username: name, createdAt: Date.now() }));
  }

  /** The same user with new keys, whose document these ones sign; with `change`, as an attacker would have it. */
  async successor(
    change: { readonly name?: UserName; readonly by?: KeyedPerson } = {},
  ): Promise<KeyedPerson> {
    const { name = this.name, by = this } = change;
    const keys = await newKeys();
    const before = { document: this.identity.document, keys: by.keys };
    const identity = await signIdentity(keys, { username: name, createdAt: Date.now() }, before);
    return new KeyedPerson(this.name, keys, identity);
  }

  /** Asks, with these keys, for those of `next`. */
  async rotation(at: Greeting, next: KeyedPerson): Promise<RequestBody<'rotate'>> {
    return { identity: next.identity, signature: await signAct(this.keys, 'rotate', at) };
  }

  closing(at: Greeting): Promise<Uint8Array> {
    return signAct(this.keys, 'close-account', at);
  }

  async registration(at: Greeting): Promise<RequestBody<'register'>> {
    const { identity } = this;
    return { identity, proof: await proveRegistration(this.keys, at, identity.document) };
  }

  async register(core: Core): Promise<void> {
    const at = greeting();
    accepted(await register(core, at, testAddress, await this.registration(at)));
  }

  /** The answer to a challenge, as a client that dialled `origin` makes it. */
  async answer(
    at: Greeting,
    { reply }: Pick<PendingLogin, 'reply'>,
  ): Promise<RequestBody<'answer'> | undefined> {
    const fields = { ...at, username: foldName(this.name), expires: reply.expires };
    const answer = await answerChallenge(this.keys, fields, reply.challenge);
    return answer.ok ? { mac: answer.mac } : undefined;
  }

  async login(core: Core, at: Greeting = greeting()): Promise<Opened> {
    const pending = accepted(await beginLogin(core, at, testAddress, { username: this.name }));
    const body = await this.answer(at, pending);
    if (body === undefined) throw new Error('the challenge does not open');
    return accepted(await finishLogin(core, pending, body));
  }

  /** True when a node takes this token. */
  async resumes({ core }: { readonly core: Core }, token: Uint8Array): Promise<boolean> {
    const at = greeting();
    return 'reply' in (await resumeSession(core, at, await this.resumption(at, token)));
  }

  async resumption(at: Greeting, token: Uint8Array): Promise<RequestBody<'resume'>> {
    return { token, signature: await signResume(this.keys, at, token) };
  }

  logout(at: Greeting, everywhere: boolean): Promise<Uint8Array> {
    return signAct(this.keys, everywhere ? 'logout-everywhere' : 'logout', at);
  }
}

export function callerOf({ user, name, tokenIssuedAt, tokenId }: Opened, session: string): Caller {
  return { user, name, session, address: testAddress, tokenIssuedAt, tokenId };
}
