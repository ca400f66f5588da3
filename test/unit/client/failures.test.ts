import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { connectTemporal } from '../../../src/client/connection';
import { translated } from '../../../src/client/failures';
import { tickUpdateId } from '../../../src/client/lifecycle-client';
import { UnderstudyError } from '../../../src/domain/failures';

async function failureOf(call: () => Promise<unknown>): Promise<UnderstudyError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const translation = (error: unknown): Promise<UnderstudyError> =>
  failureOf(() => translated('late', () => Promise.reject(error as Error)));

describe('failures of the client', () => {
  it('keep the code and the sentence with which a lifecycle refused', async () => {
    const refusal = new WorkflowUpdateFailedError(
      'Workflow Update failed',
      ApplicationFailure.nonRetryable('epoch is 4', 'EPOCH_CONFLICT'),
    );
    expect(await translation(refusal)).toMatchObject({ code: 'EPOCH_CONFLICT', message: 'epoch is 4' });
  });

  it('call a refusal with an unknown code internal', async () => {
    const refusal = new WorkflowUpdateFailedError('x', ApplicationFailure.nonRetryable('odd', 'SomethingElse'));
    expect(await translation(refusal)).toMatchObject({ code: 'INTERNAL', message: 'odd' });
  });

  it('say that a model is not deployed when its entity is not there', async () => {
    const error = new WorkflowNotFoundError('no execution', 'lifecycle/late', undefined);
    expect(await translation(error)).toMatchObject({ code: 'MODEL_NOT_DEPLOYED', message: '"late" is not deployed.' });
  });

  it('ask for a worker when nothing answers in time', async () => {
    const error = new ServiceError('timed out', {
      cause: Object.assign(new Error('deadline'), { code: 4, details: '', metadata: {} }),
    });
    const failure = await translation(error);
    expect(failure.code).toBe('TEMPORAL_UNAVAILABLE');
    expect(failure.message).toContain('is a worker of the task queue "understudy" running?');
  });

  it('say in one sentence which address does not answer', async () => {
    const failure = await failureOf(() => connectTemporal({ address: '127.0.0.1:1', namespace: 'default' }));
    expect(failure).toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      message: 'No Temporal server answers at 127.0.0.1:1 within 5 s.',
    });
  }, 15_000);
});

describe('the update id of a tick', () => {
  it('is the same for the same scheduled instant and differs for another', () => {
    const tick = { kind: 'score', logicalTime: '2013-07-01', asOf: '2013-07-02T05:30:00Z' } as const;
    expect(tickUpdateId(tick)).toBe('score/2013-07-01/2013-07-02T05:30:00Z');
    expect(tickUpdateId({ ...tick, asOf: '2013-07-02T06:30:00Z' })).not.toBe(tickUpdateId(tick));
  });
});
