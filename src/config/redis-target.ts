import { isIP } from 'node:net';
import type { HostAndPort, RedisTarget } from '../ports/targets.ts';
import type { Parsed, ValueParser } from './value-parser.ts';

const redisPort = 6379;
const sentinelPort = 26379;
// Several hosts in one authority are no valid URL, hence not the URL class.
const form = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?$/;

export const redisUrl: ValueParser<RedisTarget> = {
  allowed:
    'redis://[USER:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://[USER:PASSWORD@]HOST:PORT,…/MASTER or ' +
    'redis+cluster://[USER:PASSWORD@]HOST:PORT,…; rediss… for TLS; special characters in the password as %XX',
  parse(text): Parsed<RedisTarget> {
    const [, scheme, topology, credentials, authority = '', tail = ''] = form.exec(text) ?? [];
    if (scheme === undefined) return { fault: 'is not a Redis URL' };
    const signIn = parseCredentials(credentials);
    if (signIn === undefined) return { fault: 'has a user or password that is not URL-encoded' };
    const addresses = parseAddresses(authority, topology === '+sentinel' ? sentinelPort : redisPort);
    const [first] = addresses ?? [];
    if (addresses === undefined || first === undefined)
      return { fault: 'has a host or port that is not valid' };
    const access = { tls: scheme === 'rediss', ...signIn };
    if (topology === '+sentinel') {
      if (!/^[\w.-]+$/.test(tail))
        return { fault: 'does not end in /MASTER, the name that the Sentinels watch' };
      return { value: { kind: 'sentinel', sentinels: addresses, master: tail, ...access } };
    }
    if (topology === '+cluster') {
      if (tail !== '') return { fault: 'names a database, which a Redis Cluster does not have' };
      return { value: { kind: 'cluster', nodes: addresses, ...access } };
    }
    if (addresses.length > 1)
      return { fault: 'has several hosts, which needs redis+sentinel:// or redis+cluster://' };
    if (!/^\d{0,3}$/.test(tail)) return { fault: 'has a database that is not a number' };
    return { value: { kind: 'standalone', ...first, db: Number(tail), ...access } };
  },
};

function parseCredentials(text: string | undefined): { username?: string; password?: string } | undefined {
  if (text === undefined) return {};
  const colon = text.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? text : text.slice(0, colon));
    const password = colon < 0 ? '' : decodeURIComponent(text.slice(colon + 1));
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    return undefined;
  }
}

function parseAddresses(text: string, defaultPort: number): HostAndPort[] | undefined {
  const addresses: HostAndPort[] = [];
  for (const item of text.split(',')) {
    const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(item) ?? [];
    const host = bracketed ?? plain;
    const port = portText === undefined ? defaultPort : Number(portText);
    if (host === undefined || port < 1 || port > 65_535) return undefined;
    if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
    addresses.push({ host, port });
  }
  return addresses;
}
