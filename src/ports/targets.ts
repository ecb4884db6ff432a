export interface HostAndPort {
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

/** A bucket of any S3, and how it is reached. */
export interface S3Target {
  /** http: or https:, without a path. */
  readonly endpoint: URL;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** True: the bucket is the first segment of the path; false: a label before the endpoint's host. */
  readonly isPathStyle: boolean;
  /** Before all names, without a slash at its ends. */
  readonly prefix: string;
}
