import type { SecretStore, StoredSecrets, TokenSecret } from '../../ports/secret-store.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { secretsRow } from './stored-rows.ts';

const key = Buffer.from('secrets');

export class LmdbSecretStore implements SecretStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async ensure(make: () => Promise<StoredSecrets>): Promise<StoredSecrets> {
    const stored = await this.read();
    if (stored !== undefined) return stored;
    const made = secretsRow.encode(await make());
    const winner = await this.#link.write('make_secrets', (view) => {
      const first = view.get('meta', key);
      if (first !== undefined) return first;
      view.put('meta', key, made);
      return made;
    });
    return secretsRow.decode(winner);
  }

  async read(): Promise<StoredSecrets | undefined> {
    const stored = await this.#link.read('secrets', (reader) => reader.get('meta', key));
    return stored === undefined ? undefined : secretsRow.decode(stored);
  }

  replaceTokenSecrets(last: number, next: readonly TokenSecret[]): Promise<'replaced' | 'conflict'> {
    return this.#link.write('replace_secrets', (view) => {
      const stored = view.get('meta', key);
      if (stored === undefined) return 'conflict';
      const secrets = secretsRow.decode(stored);
      if (secrets.tokenSecrets.at(-1)?.number !== last) return 'conflict';
      view.put('meta', key, secretsRow.encode({ ...secrets, tokenSecrets: next }));
      return 'replaced';
    });
  }
}
