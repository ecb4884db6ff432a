import { BlockList, isIP } from 'node:net';
import { type OptionalFeature, optionalFeatures } from '../protocol/features.ts';
import { type Origin, parseOrigin } from '../protocol/origin.ts';

export type Parsed<T> = { readonly value: T } | { readonly fault: string };

export interface ValueParser<T> {
  /** Completes the sentence "Allowed: …". */
  readonly allowed: string;
  /** A fault completes the sentence `KEY="value" …`. */
  parse(text: string): Parsed<T>;
}

export function integer(min: number, max: number): ValueParser<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    parse(text) {
      if (!/^\d{1,15}$/.test(text)) return { fault: 'is not a whole number' };
      const value = Number(text);
      if (value < min) return { fault: 'is too small' };
      if (value > max) return { fault: 'is too large' };
      return { value };
    },
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): ValueParser<T> {
  return {
    allowed: choices.join(', '),
    parse(text) {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { fault: 'is not one of the choices' } : { value };
    },
  };
}

export function matching(form: RegExp, allowed: string): ValueParser<string> {
  return {
    allowed,
    parse: (text) => (form.test(text) ? { value: text } : { fault: 'has an invalid form' }),
  };
}

export const path: ValueParser<string> = {
  allowed: 'a path',
  parse: (text) => (text.includes('\0') ? { fault: 'contains a zero byte' } : { value: text }),
};

export const host: ValueParser<string> = {
  allowed: 'an IP address or host name, without port or brackets',
  parse: (text) =>
    isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
      ? { value: text }
      : { fault: 'is not a host' },
};

/** Addresses that clients dial, made canonical: scheme and host in lower case, the port written. */
export const publicUrls: ValueParser<readonly Origin[]> = listOf('ws:// or wss:// addresses', (item) => {
  const origin = parseOrigin(item);
  if (origin === undefined) return undefined;
  const { pathname, search, hash } = new URL(item);
  return pathname.length <= 1 && search === '' && hash === '' ? origin : undefined;
});

/** As browsers write them in the Origin header: no port when it is the scheme's own. */
export const featuresToDisable: ValueParser<readonly OptionalFeature[]> = listOf(
  `names of features that can be switched off (${optionalFeatures.join(', ')})`,
  (item) => optionalFeatures.find((name) => name === item),
);

export const browserOrigins: ValueParser<readonly string[]> = listOf(
  'http:// or https:// origins without a path',
  (item) => {
    if (!URL.canParse(item)) return undefined;
    const url = new URL(item);
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    return isWeb && url.href === `${url.origin}/` ? url.origin : undefined;
  },
);

/** IP addresses and networks; `check(address, family)` of the result tells whether an address is among them. */
export const networks: ValueParser<BlockList> = {
  allowed: 'IP addresses and networks such as 10.0.0.0/8 or fd00::/8, separated by commas',
  parse(text) {
    const value = new BlockList();
    for (const item of text.split(',').map((part) => part.trim())) {
      if (!addNetwork(value, item)) return { fault: `has "${item}", which is not an IP address or network` };
    }
    return { value };
  },
};

function addNetwork(list: BlockList, item: string): boolean {
  const [, address = '', prefixText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  const bits = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return false;
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

function listOf<T>(what: string, parseItem: (item: string) => T | undefined): ValueParser<readonly T[]> {
  return {
    allowed: `${what}, separated by commas`,
    parse(text) {
      const value: T[] = [];
      for (const item of text.split(',').map((part) => part.trim())) {
        const parsed = parseItem(item);
        if (parsed === undefined) return { fault: `has "${item}", which is not one of them` };
        value.push(parsed);
      }
      return { value: [...new Set(value)] };
    },
  };
}
