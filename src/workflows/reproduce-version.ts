// Trains a version again, from its snapshot with its request on its queue, and says whether it came out the same.
// Invariant: nothing is registered and no champion is touched; with `repair` the version's own damaged files are put back; what the training stores that was not there goes with the next retention.
import type { ReproduceRequest, Reproduction } from '../domain/training/reproduction';
import { tellsWhatItDoes } from './doing';
import { data } from './proxies';
import { train } from './train';

export interface ReproduceInput extends ReproduceRequest {
  /** Who asks, for the audit log. Default: nobody is named. */
  readonly by?: string;
}

export async function reproduceVersion(input: ReproduceInput): Promise<Reproduction> {
  const tell = tellsWhatItDoes();
  const { by = 'reproduceVersion', ...which } = input;
  const asOf = new Date().toISOString();
  const { request, queue, stored: before } = await data.prepareReproduction(which);
  tell(`training ${input.model}@${input.version} again with ${request.trainer} on ${queue}`);
  const result = await train(queue, request);
  const { model, version } = input;
  const stored = before && { before, by, asOf };
  const found = await data.compareReproduction({ model, version, result, ...(stored && { stored }) });
  tell(`${input.model}@${input.version}: ${found.same ? 'the same' : 'another model'}`);
  return found;
}
