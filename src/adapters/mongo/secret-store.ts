import type { Collection } from 'mongodb';
import type { SecretStore, StoredSecrets, TokenSecret } from '../../ports/secret-store.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied } from './stored-value.ts';

interface SecretsDocument extends StoredSecrets {
  readonly _id: 'cluster';
}

export class MongoSecretStore implements SecretStore {
  readonly #link: MongoLink;
  readonly #secrets: Collection<SecretsDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#secrets = link.db.collection('secrets');
  }

  async ensure(make: () => Promise<StoredSecrets>): Promise<StoredSecrets> {
    const stored = await this.read();
    if (stored !== undefined) return stored;
    // Making keys takes longer than an operation may: it is no part of one.
    const made = await make();
    const document: SecretsDocument = { _id: 'cluster', ...made };
    await this.#link.run('secrets_insert', () => insertNew(this.#secrets, document));
    const kept = await this.read();
    if (kept === undefined) throw new Error('the secrets of the cluster were removed while it started');
    return kept;
  }

  replaceTokenSecrets(last: number, next: readonly TokenSecret[]): Promise<'replaced' | 'conflict'> {
    return this.#link.run('secrets_replace', async () => {
      // Among the numbers of the list, and none above it.
      const atLast = { $all: [last], $not: { $gt: last } };
      const { matchedCount } = await this.#secrets.updateOne(
        { _id: 'cluster', 'tokenSecrets.number': atLast },
        { $set: { tokenSecrets: next } },
      );
      return matchedCount === 1 ? 'replaced' : 'conflict';
    });
  }

  read(): Promise<StoredSecrets | undefined> {
    return this.#link.run('secrets_read', async () => {
      const found = await this.#secrets.findOne({ _id: 'cluster' });
      if (found === null) return undefined;
      return {
        tokenSecrets: found.tokenSecrets.map((token) => ({ ...token, secret: copied(token.secret) })),
        decoySecret: copied(found.decoySecret),
        decoyKeys: found.decoyKeys.map(copied),
      };
    });
  }
}
