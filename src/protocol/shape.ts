import type { FeatureName } from './features.ts';
import type { Extent } from './scan.ts';

/**
 * A shape describes one field of a frame: it parses what MessagePack decoded into a type, packs the type for encoding,
 * and names itself for PROTOCOL.md. Requests are parsed strictly (an unknown field is a fault); replies and events
 * leniently (an unknown field is skipped), which is how the protocol grows.
 */
export interface Shape<T> {
  readonly label: string;
  /** Of the largest value that fits. */
  readonly extent: Extent;
  parse(value: unknown, mode: ParseMode): T | Fault;
  pack(value: T): unknown;
}

export type ParseMode = 'strict' | 'lenient';

export const SCALAR: Extent = { values: 1, containers: 0, keys: 0, textBytes: 0 };
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;
/** Texts with a parser of their own are names and codes. */
const PARSED_TEXT_CHARS_MAX = 64;

function textExtent(charsMax: number): Extent {
  return { ...SCALAR, textBytes: UTF8_BYTES_PER_UNIT_MAX * charsMax };
}

/** Of a container with these in it, all at once. */
export function extentAround(parts: readonly Extent[]): Extent {
  let { values, containers, keys, textBytes }: Extent = { ...SCALAR, containers: 1 };
  for (const part of parts) {
    values += part.values;
    containers += part.containers;
    keys = Math.max(keys, part.keys);
    textBytes = Math.max(textBytes, part.textBytes);
  }
  return { values, containers, keys, textBytes };
}

/** Of whichever of them takes most, in each respect. */
export function largestExtent(extents: readonly Extent[]): Extent {
  const most = (of: (extent: Extent) => number): number => Math.max(...extents.map(of));
  return {
    values: most(({ values }) => values),
    containers: most(({ containers }) => containers),
    keys: most(({ keys }) => keys),
    textBytes: most(({ textBytes }) => textBytes),
  };
}

/** Why a value does not fit, and where: `rooms[3].room is not bytes(16)`. */
export class Fault {
  readonly #path: readonly string[];
  readonly #reason: string;

  constructor(reason: string, path: readonly string[] = []) {
    this.#reason = reason;
    this.#path = path;
  }

  under(step: string): Fault {
    return new Fault(this.#reason, [step, ...this.#path]);
  }

  toString(): string {
    return `${this.#path.join('.').replaceAll('.[', '[') || 'the value'} ${this.#reason}`;
  }
}

export type Parsed<S> = S extends Shape<infer T> ? T : never;

function leaf<T>(label: string, accepts: (value: unknown) => value is T, extent: Extent = SCALAR): Shape<T> {
  return {
    label,
    extent,
    parse: (value) => (accepts(value) ? value : new Fault(`is not ${label}`)),
    pack: (value) => value,
  };
}

export function uint(max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const label = max === Number.MAX_SAFE_INTEGER ? 'uint' : `uint ≤ ${max}`;
  return leaf(
    label,
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max,
  );
}

/** An integer of this range. */
export function uintFrom(min: number, max: number): Shape<number> {
  return leaf(
    `uint ${min}–${max}`,
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  );
}

export const bool: Shape<boolean> = leaf('bool', (value): value is boolean => typeof value === 'boolean');

/** UTF-8 text, bounded in UTF-16 code units. */
export function text(max: number): Shape<string> {
  return leaf(
    `text ≤ ${max}`,
    (value): value is string => typeof value === 'string' && value.length <= max,
    textExtent(max),
  );
}

export function bytes(length: number): Shape<Uint8Array> {
  return leaf(
    `bytes(${length})`,
    (value): value is Uint8Array => value instanceof Uint8Array && value.length === length,
  );
}

export function bytesUpTo(max: number): Shape<Uint8Array> {
  return leaf(
    `bytes ≤ ${max}`,
    (value): value is Uint8Array => value instanceof Uint8Array && value.length <= max,
  );
}

/** A text whose form a parser of this room decides, such as a name. */
export function parsedText<T extends string>(
  label: string,
  parse: (value: unknown) => T | undefined,
): Shape<T> {
  return {
    label,
    extent: textExtent(PARSED_TEXT_CHARS_MAX),
    parse: (value) => parse(value) ?? new Fault(`is not ${label}`),
    pack: (value) => value,
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Shape<Choice> {
  const label = choices.map((choice) => `"${choice}"`).join(' or ');
  const charsMax = Math.max(...choices.map((choice) => choice.length));
  return leaf(
    label,
    (value): value is Choice => choices.some((choice) => choice === value),
    textExtent(charsMax),
  );
}

export function list<T>(item: Shape<T>, max: number): Shape<readonly T[]> {
  return {
    label: `[${item.label}] ≤ ${max}`,
    // Not extentAround() so many copies: that would take a tenth of the start of a command.
    extent: {
      ...item.extent,
      values: SCALAR.values + max * item.extent.values,
      containers: 1 + max * item.extent.containers,
    },
    parse(value, mode) {
      if (!Array.isArray(value)) return new Fault('is not a list');
      if (value.length > max) return new Fault(`has more than ${max} entries`);
      const items: T[] = [];
      for (let i = 0; i < value.length; i += 1) {
        const parsed = item.parse(value[i], mode);
        if (parsed instanceof Fault) return parsed.under(`[${i}]`);
        items.push(parsed);
      }
      return items;
    },
    pack: (value) => value.map((entry) => item.pack(entry)),
  };
}

/** A field that may be absent. It is never null on the wire. */
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true;
  /** In a request: only gateways that name this feature know the field. */
  readonly feature?: FeatureName;
}

export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { ...shape, optional: true };
}

/** An optional field of a request that was added with a feature. */
export function added<T>(feature: FeatureName, shape: Shape<T>): OptionalShape<T> {
  return { ...optional(shape), feature };
}

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];
type Simplified<T> = { readonly [K in keyof T]: T[K] };
export type MapOf<F> = Simplified<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Parsed<F[K]> } & { [K in OptionalKeys<F>]?: Parsed<F[K]> }
>;

export interface FieldDescription {
  readonly label: string;
  readonly optional: boolean;
  readonly feature?: FeatureName;
  /** Of a field that is a map itself. */
  readonly fields?: Readonly<Record<string, FieldDescription>>;
}

export interface MapShape<T> extends Shape<T> {
  readonly fields: Readonly<Record<string, FieldDescription>>;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** A map with text keys. A required field must be there; a field of another name is a fault in strict mode. */
export function map<const F extends Record<string, Shape<unknown>>>(fields: F): MapShape<MapOf<F>> {
  const names = Object.keys(fields);
  const described = Object.fromEntries(names.map((name) => [name, describe(shapeOf(fields, name))]));
  return {
    label: `{${names.map((name) => `${name}${described[name]?.optional ? '?' : ''}: ${described[name]?.label}`).join(', ')}}`,
    extent: mapExtent(names.map((name) => shapeOf(fields, name).extent)),
    fields: described,
    parse(value, mode) {
      if (!isRecord(value)) return new Fault('is not a map');
      if (mode === 'strict') {
        for (const name of Object.keys(value))
          if (!Object.hasOwn(fields, name)) return new Fault('is not a known field').under(shown(name));
      }
      const result: Record<string, unknown> = {};
      for (const name of names) {
        const shape = shapeOf(fields, name);
        if (!Object.hasOwn(value, name)) {
          if (isOptional(shape)) continue;
          return new Fault('is missing').under(name);
        }
        const parsed = shape.parse(value[name], mode);
        if (parsed instanceof Fault) return parsed.under(name);
        result[name] = parsed;
      }
      return result as MapOf<F>;
    },
    pack(value) {
      const packed: Record<string, unknown> = {};
      const source = value as Readonly<Record<string, unknown>>;
      for (const name of names)
        if (source[name] !== undefined) packed[name] = shapeOf(fields, name).pack(source[name]);
      return packed;
    },
  };
}

function mapExtent(fields: readonly Extent[]): Extent {
  const extent = extentAround(fields);
  return { ...extent, keys: Math.max(extent.keys, fields.length) };
}

/** A field name from outside goes into an error text: short, and nothing a terminal would obey. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 32);
}

function shapeOf(fields: Readonly<Record<string, Shape<unknown>>>, name: string): Shape<unknown> {
  const shape = fields[name];
  if (shape === undefined) throw new TypeError(`no shape for ${name}`);
  return shape;
}

function describe(shape: Shape<unknown>): FieldDescription {
  const { label, feature, fields }: Shape<unknown> & Partial<MapShape<unknown> & OptionalShape<unknown>> =
    shape;
  return {
    label,
    optional: isOptional(shape),
    ...(feature === undefined ? {} : { feature }),
    ...(fields === undefined ? {} : { fields }),
  };
}

function isOptional(shape: Shape<unknown>): boolean {
  return 'optional' in shape && shape.optional === true;
}
