// Trains a version again, from its snapshot with its request on its queue, and says whether it came out the same.
// Invariant: nothing is registered and no champion is touched; what the training stores that was not there goes with the next retention.
import type { Reproduction } from '../domain/training/reproduction';
import { tellsWhatItDoes } from './doing';
import { data } from './proxies';
import { train } from './train';

export interface ReproduceInput {
  readonly model: string;
  readonly version: number;
}

export async function reproduceVersion(input: ReproduceInput): Promise<Reproduction> {
  const tell = tellsWhatItDoes();
  const { request, queue } = await data.prepareReproduction(input);
  tell(`training ${input.model}@${input.version} again with ${request.trainer} on ${queue}`);
  const result = await train(queue, request);
  const found = await data.compareReproduction({ ...input, result });
  tell(`${input.model}@${input.version}: ${found.same ? 'the same' : 'another model'}`);
  return found;
}
