import type { ClusterSecrets, SecretStore } from '../../ports/secret-store.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { secretsRow } from './stored-rows.ts';

const key = Buffer.from('secrets');

export class LmdbSecretStore implements SecretStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async ensure(make: () => Promise<ClusterSecrets>): Promise<ClusterSecrets> {
    const stored = await this.#link.read('secrets', (reader) => reader.get('meta', key));
    if (stored !== undefined) return secretsRow.decode(stored);
    const made = secretsRow.encode(await make());
    const winner = await this.#link.write('make_secrets', (view) => {
      const first = view.get('meta', key);
      if (first !== undefined) return first;
      view.put('meta', key, made);
      return made;
    });
    return secretsRow.decode(winner);
  }
}
