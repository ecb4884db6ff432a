import { expect, it } from 'vitest';
import { parseRoomName } from '../../src/protocol/names.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { startLiveGateway } from './live-gateway.ts';

const name = parseRoomName('typists');

it('A gateway names its optional features, and does not name or serve those that its operator disabled', async () => {
  for (const [env, named] of [
    [{}, true],
    [{ DISABLED_FEATURES: 'typing' }, false],
  ] as const) {
    await using gateway = await startLiveGateway(env);
    const greeting = await (await gateway.connect()).hello();
    expect(greeting?.ok?.features?.includes('typing')).toBe(named);
    const client = await gateway.greeted();
    await client.login(await client.register('ann', await newKeys()));
    if (name === undefined) throw new Error('the name is fit');
    const { room } = (await client.ask('create', { name, hidden: false, retention: 1 })).info;
    await client.ask('enter', { rooms: [room] });
    const reply = await client.request('typing', { room });
    expect(reply?.error).toBe(named ? undefined : 'forbidden');
    if (named) await eventually(() => expect(client.events.map((event) => event.name)).toContain('typing'));
    else expect(client.events.map((event) => event.name)).not.toContain('typing');
  }
});

it('A gateway whose operator disabled batches does not name them, and lets in clients that ask for them nevertheless', async () => {
  await using gateway = await startLiveGateway({ DISABLED_FEATURES: 'batches' });
  const greeting = await (await gateway.connect()).hello();
  expect(greeting?.ok?.features).not.toContain('batches');
  const client = await gateway.greeted();
  await client.login(await client.register('ann', await newKeys()));
  if (name === undefined) throw new Error('the name is fit');
  const { room } = (await client.ask('create', { name, hidden: false, retention: 1 })).info;
  expect((await client.ask('enter', { rooms: [room], batches: true })).rooms).toMatchObject([{ room }]);
});
