// Where the code of a thread or process lies: beside the file that starts it, compiled in dist, else TypeScript that tsx compiles on the way.
import { join } from 'node:path';

/** What to start, and the options of Node that it needs. */
export interface Entry {
  readonly path: string;
  readonly execArgv: string[];
}

/** The entry `name` (without ending) in a folder of this code. */
export function entryIn(folder: string, name: string): Entry {
  const compiled = __filename.endsWith('.js');
  return {
    path: join(folder, `${name}.${compiled ? 'js' : 'ts'}`),
    execArgv: compiled ? [] : ['--require', require.resolve('tsx/cjs')],
  };
}
