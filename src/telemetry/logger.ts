import { type DestinationStream, type Logger, pino } from 'pino';

/** Never in a log, whatever is logged by mistake: at the top and one level down. */
const SECRET_FIELDS = [
  'token',
  'mac',
  'proof',
  'signature',
  'password',
  'secret',
  'key',
  'ciphertext',
  'authorization',
];

/** JSON lines, at once written: a line is out before the process can end. */
export function createLogger(level: string, nodeId: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { node: nodeId },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
      serializers: { error: describeError },
    },
    destination,
  );
}

interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

/** Fields that libraries attach to their errors (commands with arguments, documents) stay out. */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500) };
  return {
    type: error.name,
    message: withoutCredentials(error.message),
    ...(error.stack !== undefined && { stack: withoutCredentials(error.stack) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

/** A text of a library, of bounded length. */
export const loggedText = (text: string): string => withoutCredentials(text).slice(0, LOGGED_CHARS_MAX);

const LOGGED_CHARS_MAX = 500;

/** Drivers put addresses into their messages, with what stands before the `@`. */
function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/@]*@/g, '://***@');
}
