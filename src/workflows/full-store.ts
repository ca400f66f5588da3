// Work on a machine whose artifact store is full waits, however long it takes a person to free it.
import { sleep } from '@temporalio/workflow';
import { describeFailure } from './failure';

/** How long it waits for space before it looks again. */
const FULL_STORE_PAUSE = '30 s';

/** The result of `work`, which is done again as long as it fails with STORE_FULL. */
export async function waitingForSpace<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (describeFailure(error).code !== 'STORE_FULL') throw error;
      await sleep(FULL_STORE_PAUSE);
    }
  }
}
