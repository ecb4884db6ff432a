import { expect, it } from 'vitest';
import keys from './keys.json' with { type: 'json' };
import { userStateVectors } from './make-user-state.ts';
import stored from './user-state.json' with { type: 'json' };

it('our code agrees with the stored vectors about the states of users', async () => {
  expect(await userStateVectors(keys.alice)).toEqual(stored);
});
