import type { RedisTarget } from '../../ports/targets.ts';

export type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>;
export type SingleTarget = Exclude<RedisTarget, ClusterTarget>;
