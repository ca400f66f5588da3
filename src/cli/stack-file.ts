// Reads the addresses of a running stack out of <home>/stack.json, as far as this CLI needs them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const StackFile = z.object({
  temporal: z.object({ address: z.string(), namespace: z.string().default('default') }),
  databaseUrl: z.string(),
  servingUrl: z.string().optional(),
});

/** Where the parts of a stack listen. */
export type StackAddresses = z.infer<typeof StackFile>;

/** The addresses that the stack in `home` wrote when it started; null: none has been started there. */
export function readStackFile(home: string): StackAddresses | null {
  try {
    return StackFile.parse(JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')));
  } catch {
    return null;
  }
}
