import { afterAll } from 'vitest';
import { startRedisCluster } from '../support/services/redis-cluster.ts';
import { readyMarksContract } from './ready-marks-contract.ts';
import { relayContract } from './support-relay-contract.ts';
import { patient, redisPair } from './support-relay-redis.ts';

const own = process.env['TEST_REDIS_CLUSTER_URL'] === undefined ? await startRedisCluster() : undefined;
afterAll(() => own?.stop());
const open = redisPair(process.env['TEST_REDIS_CLUSTER_URL'] ?? own?.url ?? '', patient);
relayContract('a Redis Cluster', open);
readyMarksContract('a Redis Cluster', open);
