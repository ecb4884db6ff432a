import { parseArgs } from 'node:util';

/** An option's default, and what `--help` says of it; `false` is a switch, and undefined an option that may be left out. */
type Option = readonly [fallback: string | false | undefined, meaning: string];

type Values<Options extends Readonly<Record<string, Option>>> = {
  readonly [Name in keyof Options]: Options[Name][0] extends false
    ? boolean
    : Options[Name][0] extends string
      ? string
      : string | undefined;
};

/** The options of a bench from the command line. With `--help` it prints what they are, and ends the process. */
export function benchOptions<const Options extends Readonly<Record<string, Option>>>(
  about: string,
  options: Options,
): Values<Options> {
  const entries = Object.entries<Option>(options);
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      ...Object.fromEntries(
        entries.map(([name, [fallback]]) => [
          name,
          fallback === false
            ? ({ type: 'boolean', default: false } as const)
            : ({ type: 'string', ...(fallback !== undefined && { default: fallback }) } as const),
        ]),
      ),
    },
  });
  if (values['help'] === true) {
    const lines = entries.map(([name, [fallback, meaning]]) => {
      const option = fallback === false ? `--${name}` : `--${name} …`;
      const shown = fallback === false || fallback === undefined || fallback === '' ? '' : ` (${fallback})`;
      return `  ${option.padEnd(16)} ${meaning}${shown}`;
    });
    console.log([about, ...lines].join('\n'));
    process.exit(0);
  }
  return values as Values<Options>;
}
