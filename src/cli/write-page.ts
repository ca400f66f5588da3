// Writes a page that a command has made to the file that a person named.
import { writeFileSync } from 'node:fs';
import { UnderstudyError } from '../domain/failures';

/** Gives the bytes written. Fails with USAGE, naming the command, when the file cannot be written. */
export function writePage(command: string, file: string, page: string): number {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new UnderstudyError(
      'USAGE',
      `${command}: --out: ${file} cannot be written (${(error as Error).message}); allowed is a file in a folder that exists.`,
    );
  }
  return Buffer.byteLength(page);
}
