import { parse as parseEnvFile } from 'dotenv';
import { closest, distance } from 'fastest-levenshtein';
import { configKeys, keyPrefix } from './config-keys.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Throws when the file cannot be read. */
export type ReadFile = (file: string) => string;

/** The text given for a key, and the variable that gave it (KEY or KEY_FILE), for messages. */
export interface GivenText {
  readonly text: string;
  readonly variable: string;
}

const configVariable = `${keyPrefix}CONFIG`;
const fileSuffix = '_FILE';
/** The command line's own settings, which may stand in the same environment. */
const clientVariables: ReadonlySet<string> = new Set(
  ['SERVER', 'USER', 'PROFILE', 'PASSPHRASE_FILE', 'CACHE', 'ADMIN_URL'].map((name) => keyPrefix + name),
);
const keyNames: readonly string[] = Object.values(configKeys).map((key) => keyPrefix + key.name);
const nearMissEdits = 4;

/** Gathers what is given for every key, by key name without prefix. Problems are added to `problems`. */
export function gatherTexts(
  environment: Environment,
  readFile: ReadFile,
  problems: string[],
): ReadonlyMap<string, GivenText> {
  const fromEnvironment = ownVariables(environment);
  const fromFile = readConfigFile(fromEnvironment, readFile, problems);
  for (const [variable, text] of [...fromEnvironment, ...fromFile]) {
    if (!isKnown(variable)) problems.push(unknownVariable(variable, text));
  }
  const texts = new Map<string, GivenText>();
  for (const { name } of Object.values(configKeys)) {
    const given =
      textOf(keyPrefix + name, fromEnvironment, readFile, problems) ??
      textOf(keyPrefix + name, fromFile, readFile, problems);
    if (given !== undefined) texts.set(name, given);
  }
  return texts;
}

function ownVariables(environment: Environment): Map<string, string> {
  const own = new Map<string, string>();
  for (const [variable, text] of Object.entries(environment)) {
    if (variable.startsWith(keyPrefix) && text !== undefined) own.set(variable, text);
  }
  return own;
}

function readConfigFile(
  own: ReadonlyMap<string, string>,
  readFile: ReadFile,
  problems: string[],
): Map<string, string> {
  const file = own.get(configVariable);
  if (file === undefined) return new Map();
  const content = tryRead(file, readFile);
  if ('fault' in content) {
    problems.push(`${configVariable}: ${file} ${content.fault}`);
    return new Map();
  }
  const variables = ownVariables(parseEnvFile(content.text));
  for (const line of content.text.split('\n')) {
    // What dotenv cannot read it leaves out in silence, and the gateway would run without the setting.
    const variable = /^\s*(?:export\s+)?(CONCLAVE_\w*)/.exec(line)?.[1];
    if (variable !== undefined && !variables.has(variable)) {
      problems.push(`${file}: the line of ${variable} cannot be read. Allowed: ${variable}=VALUE`);
    }
  }
  if (variables.delete(configVariable))
    problems.push(`${file}: ${configVariable} cannot be set in the file that it names`);
  return variables;
}

function textOf(
  variable: string,
  source: ReadonlyMap<string, string>,
  readFile: ReadFile,
  problems: string[],
): GivenText | undefined {
  const text = source.get(variable);
  const fileVariable = variable + fileSuffix;
  const file = source.get(fileVariable);
  if (file === undefined) return text === undefined ? undefined : { text, variable };
  if (text !== undefined) {
    problems.push(`${variable} and ${fileVariable} are both given. Allowed: one of them`);
    return { text, variable };
  }
  const content = tryRead(file, readFile);
  if ('text' in content) return { text: content.text.replace(/\r?\n$/, ''), variable: fileVariable };
  problems.push(`${fileVariable}: ${file} ${content.fault}`);
  return undefined;
}

function tryRead(file: string, readFile: ReadFile): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: readFile(file) };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { fault: `cannot be read (${reason})` };
  }
}

function isKnown(variable: string): boolean {
  if (variable === configVariable || clientVariables.has(variable)) return true;
  const key = variable.endsWith(fileSuffix) ? variable.slice(0, -fileSuffix.length) : variable;
  return keyNames.includes(variable) || keyNames.includes(key);
}

function unknownVariable(variable: string, text: string): string {
  if (isServiceLink(variable, text)) return `${variable} is unknown. ${serviceLinkAdvice}`;
  const key = closest(variable, [...keyNames, configVariable]);
  const advice =
    distance(variable, key) <= nearMissEdits
      ? `Did you mean ${key}?`
      : 'Allowed: the keys listed by conclave-gateway --help';
  return `${variable} is unknown. ${advice}`;
}

/** Kubernetes puts such variables into every pod beside a Service whose name is "conclave" or begins with it. */
export function isServiceLink(variable: string, text: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(text) || /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(variable);
}

export const serviceLinkAdvice: string =
  'Kubernetes created it for a Service of that name: set "enableServiceLinks: false" in the pod';
