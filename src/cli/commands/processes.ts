// `start`, `demo` and `doctor`: programs of their own that the CLI runs in this terminal.
import type { Command } from '../command';

export const start: Command = program(
  'start',
  'Start everything on this machine and keep it running: Temporal, PostgreSQL, workers, trainer, serving.',
  'src/embedded/main.js',
  {},
);

export const demo: Command = program(
  'demo',
  'Live through half a year of flights in minutes, faults included, and check every step.',
  'scripts/demo/main.js',
  {
    report: { type: 'string', value: 'FILE', help: 'write the report as JSON too' },
    keep: { type: 'boolean', help: 'go on with the data of the last run' },
    days: { type: 'string', value: 'N', help: 'a short one: so many days after the backfill' },
  },
);

function program(name: string, summary: string, file: string, options: Command['options']): Command {
  return {
    name,
    summary,
    arguments: [],
    options,
    passThrough: true,
    async run(context, input) {
      context.setExitCode(await context.runProgram(file, input.raw));
    },
  };
}
