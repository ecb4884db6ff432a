import { afterAll } from 'vitest';
import { startRedisServer } from '../support/services/redis-server.ts';
import { relayContract } from './support-relay-contract.ts';
import { patient, redisPair } from './support-relay-redis.ts';

const own = process.env['TEST_REDIS_URL'] === undefined ? await startRedisServer() : undefined;
afterAll(() => own?.stop());
relayContract('Redis', redisPair(process.env['TEST_REDIS_URL'] ?? own?.url ?? '', patient));
