// Reads the options of `infer`.
import { z } from 'zod';
import { UnderstudyError } from '../domain/failures';
import { FILE_FORMATS } from '../domain/plan/table-plan';

const CHECKS = {
  format: z.enum(FILE_FORMATS),
  encoding: z.enum(['utf-8', 'latin-1', 'utf-16']),
  delimiter: z.string().length(1, 'must be one character'),
  null: z.string(),
};

/** Options of the reader that drafts a contract; absent ones keep its defaults. */
export interface InferOptions {
  readonly format?: z.infer<typeof CHECKS.format>;
  readonly encoding?: z.infer<typeof CHECKS.encoding>;
  readonly delimiter?: string;
  readonly nullText?: string;
}

/** Checks options as typed. Fails with USAGE, naming the option, what was found and what is allowed. */
export function inferOptions(typed: Readonly<Record<string, string>>): InferOptions {
  const read = <T>(name: keyof typeof CHECKS, schema: z.ZodType<T>): T | undefined => {
    if (typed[name] === undefined) return undefined;
    const parsed = schema.safeParse(typed[name]);
    if (parsed.success) return parsed.data;
    const allowed = parsed.error.issues.map((issue) => issue.message).join('; ');
    throw new UnderstudyError('USAGE', `--${name}: found ${JSON.stringify(typed[name])}; ${allowed}`);
  };
  const format = read('format', CHECKS.format);
  const encoding = read('encoding', CHECKS.encoding);
  const delimiter = read('delimiter', CHECKS.delimiter);
  const nullText = read('null', CHECKS.null);
  return {
    ...(format === undefined ? {} : { format }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(nullText === undefined ? {} : { nullText }),
  };
}
