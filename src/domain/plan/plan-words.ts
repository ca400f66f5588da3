// The small pieces that plans are written with: names, SQL, shares, durations.
import { z } from 'zod';

export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _, starting with a letter');
export const Sql = z.string().min(1);
export const Share = z.number().min(0).max(1);
/** A duration such as `3 days` or `90 s`, as the library ms reads it. */
export const Duration = z
  .string()
  .regex(
    /^\d+(\.\d+)? ?(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)$/,
    'must be a duration such as "3 days" or "90 s"',
  );
