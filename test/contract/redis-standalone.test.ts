import { afterAll } from 'vitest';
import { startRedisServer } from '../support/services/redis-server.ts';
import { readyMarksContract } from './ready-marks-contract.ts';
import { relayContract } from './support-relay-contract.ts';
import { patient, redisPair } from './support-relay-redis.ts';

const own = process.env['TEST_REDIS_URL'] === undefined ? await startRedisServer() : undefined;
afterAll(() => own?.stop());
const open = redisPair(process.env['TEST_REDIS_URL'] ?? own?.url ?? '', patient);
relayContract('Redis', open);
readyMarksContract('Redis', open);
