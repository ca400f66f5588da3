// `retrain`, `ingest`, `pause` and `resume`: requests to a lifecycle that are answered at once and done afterwards.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UnderstudyError } from '../../domain/failures';
import { printAccepted } from '../accepted';
import { day, required, sender, text, usage } from '../arguments';
import type { Command, OptionSpec } from '../command';
import { awaitEnd, endOrUnknown } from '../waiting';

const BY: OptionSpec = { type: 'string', value: 'NAME', help: 'who asks (default: $USER)' };

export const retrain: Command = {
  name: 'retrain',
  summary: 'Ask for a training cycle.',
  arguments: ['model'],
  options: {
    at: {
      type: 'string',
      value: 'DAY',
      help: 'logical time of the cycle, YYYY-MM-DD (default: today of the lifecycle)',
    },
    reason: { type: 'string', value: 'TEXT', help: 'why (default: asked by hand)' },
    wait: { type: 'boolean', help: 'wait for its end and print it; exit code 1 when it failed' },
    by: BY,
  },
  examples: [
    'retrain flight-delay --at 2013-07-01 --reason "first cycle"',
    'retrain flight-delay --at 2013-07-08 --wait',
  ],
  async run(context, input) {
    const model = required(input, 'model');
    const logicalTime = day(input, 'at');
    const { lifecycles } = await context.temporal();
    const accepted = await lifecycles.retrain(model, {
      reason: text(input, 'reason') ?? 'asked by hand',
      by: sender(context, input),
      ...(logicalTime ? { logicalTime } : {}),
    });
    if (input.options['wait'] !== true) return printAccepted(context, model, accepted);
    if (accepted.note) context.output.progress(`Note: ${accepted.note}.`);
    const end = await awaitEnd(context, lifecycles, model, accepted.id);
    context.output.result({ model, id: accepted.id, end }, () => endOrUnknown(end, model, accepted.id));
  },
};

export const ingest: Command = {
  name: 'ingest',
  summary: 'Ask for one partition to be read: from its usual file, or from another one.',
  arguments: ['model'],
  options: {
    partition: { type: 'string', value: 'DAY', help: 'day of the partition, YYYY-MM-DD', required: true },
    table: { type: 'string', value: 'NAME', help: 'one table (default: all)' },
    file: { type: 'string', value: 'FILE', help: 'read this file instead of the usual one; needs --table' },
  },
  examples: [
    'ingest flight-delay --partition 2013-07-04',
    'ingest flight-delay --partition 2013-07-04 --table outcomes --file fixed.csv',
  ],
  async run(context, input) {
    const model = required(input, 'model');
    const partition = day(input, 'partition') ?? '';
    const table = text(input, 'table');
    const file = text(input, 'file');
    if (file !== undefined && table === undefined)
      throw usage('ingest: --file needs --table NAME, the table that the file is of');
    const { lifecycles } = await context.temporal();
    const delivery = file === undefined ? {} : await deliveryOf(file);
    const accepted = await lifecycles.ingest(model, { partition, ...(table ? { table } : {}), ...delivery });
    printAccepted(context, model, accepted);
  },
};

async function deliveryOf(file: string): Promise<{ uri: string; sha256: string }> {
  const uri = resolve(file);
  if (!existsSync(uri))
    throw new UnderstudyError('SOURCE_NOT_FOUND', `ingest: --file: there is no file ${uri}`, { file: uri });
  const hash = createHash('sha256');
  await pipeline(createReadStream(uri), hash);
  return { uri, sha256: hash.digest('hex') };
}

export const pause: Command = pausing('pause', 'Stop starting new work; what runs goes on, what arrives is kept.');
export const resume: Command = pausing('resume', 'Go on after a pause.');

function pausing(name: 'pause' | 'resume', summary: string): Command {
  return {
    name,
    summary,
    arguments: ['model'],
    options: { reason: { type: 'string', value: 'TEXT', help: 'why' }, by: BY },
    async run(context, input) {
      const model = required(input, 'model');
      const reason = text(input, 'reason');
      const message = { by: sender(context, input), ...(reason ? { reason } : {}) };
      const { lifecycles } = await context.temporal();
      printAccepted(context, model, await lifecycles[name](model, message));
    },
  };
}
