interface HostAndPort {
  /** IPv6 addresses without brackets. */
  readonly host: string;
  readonly port: number;
}

interface RedisAccess {
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** Where Redis is. Sign-in and TLS hold for the data nodes; Sentinels are asked with the same TLS and no password. */
export type RedisTarget =
  | (RedisAccess & HostAndPort & { readonly kind: 'standalone'; readonly db: number })
  | (RedisAccess & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly HostAndPort[];
      readonly master: string;
    })
  | (RedisAccess & { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[] });

export type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>;
export type SingleTarget = Exclude<RedisTarget, ClusterTarget>;
