import type { Parsed, ValueParser } from './value-parser.ts';

/** Only the form: the driver parses the rest, whose options are many and its own. */
export const mongoUrl: ValueParser<string> = {
  allowed: 'mongodb://[USER:PASSWORD@]HOST[:PORT],…/[DATABASE][?OPTIONS] or mongodb+srv://…',
  parse(text): Parsed<string> {
    if (!/^mongodb(\+srv)?:\/\//.test(text)) return { fault: 'is not a MongoDB URL' };
    if (!/^[^:]+:\/\/(?:[^@/?#]*@)?[^@/?#,]+(?:,[^@/?#,]+)*(?:[/?].*)?$/.test(text)) {
      return { fault: 'has no host, or special characters in its password that are not URL-encoded' };
    }
    return { value: text };
  },
};
