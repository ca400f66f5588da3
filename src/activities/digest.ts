// Digest of the inputs of an effect: the same inputs, in any order of fields, give the same text.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../definition/digest';

/** SHA-256 (hexadecimal) of the value's canonical JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
