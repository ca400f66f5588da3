// Puts old feature files together, then deletes artifacts that nothing alive refers to: first a dry run that counts, then the sweep.
import { setCurrentDetails } from '@temporalio/workflow';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';
import type { StepContext } from '../ports/activities';
import { data } from './proxies';
import { reportingTo } from './report';

export async function retention(input: StepContext): Promise<ChildOutcome> {
  return reportingTo('retention', input, async () => {
    const { files, partitions } = await data.compactFeatures(input);
    setCurrentDetails(`${partitions} feature partitions put into ${files} files`);
    const planned = await data.sweepArtifacts({ ...input, dryRun: true });
    setCurrentDetails(`dry run: ${planned.unreachable} unreachable artifacts, ${planned.bytes} bytes`);
    if (planned.unreachable === 0) return { type: 'done', note: 'nothing to delete' };
    const swept = await data.sweepArtifacts({ ...input, dryRun: false });
    return { type: 'done', note: `${swept.deleted} artifacts deleted` };
  });
}
