// The border between activities and Temporal: codes, retries, heartbeats and cancellation, in the SDK's own activity environment.
import type { ApplicationFailure } from '@temporalio/common';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { heartbeating, withFailureCodes } from '../../../src/activities/boundary';
import { UnderstudyError } from '../../../src/domain/failures';

async function failureOf(error: Error): Promise<ApplicationFailure> {
  const { fails } = withFailureCodes({ fails: (): Promise<void> => Promise.reject(error) });
  return new MockActivityEnvironment().run(fails).then(
    () => Promise.reject(new Error('it did not fail')),
    (failure: unknown) => failure as ApplicationFailure,
  );
}

describe('a failure that leaves an activity', () => {
  it('has its code as type and is not retried when the table says so', async () => {
    expect(await failureOf(new UnderstudyError('PARITY_FAILED', 'too far apart'))).toMatchObject({
      type: 'PARITY_FAILED',
      nonRetryable: true,
      message: 'too far apart',
    });
  });

  it('is retried when the table says that trying again can help', async () => {
    expect(await failureOf(new UnderstudyError('DATABASE_UNAVAILABLE', 'away'))).toMatchObject({ nonRetryable: false });
  });

  it('is passed on as it is when it has no code', async () => {
    const error = new TypeError('a mistake');
    expect(await failureOf(error)).toBe(error);
  });
});

describe('heartbeats of a long activity', () => {
  it('carry what the work last said', async () => {
    const environment = new MockActivityEnvironment();
    const heard: unknown[] = [];
    environment.on('heartbeat', (details) => heard.push(details));
    await environment.run(() =>
      heartbeating((progress) => {
        progress({ done: 1 });
        return Promise.resolve();
      }),
    );
    expect(heard).toEqual([{ attempt: 1 }, { done: 1 }]);
  });

  it('end the wait at once when the activity is cancelled', async () => {
    const environment = new MockActivityEnvironment();
    const running = environment.run(() => heartbeating(() => new Promise<never>(() => undefined)));
    environment.cancel('CANCELLED');
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('aborts the signal that the work was given, so that it does not go on unseen', async () => {
    const environment = new MockActivityEnvironment();
    let aborted = false;
    const running = environment.run(() =>
      heartbeating((_, signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise<never>(() => undefined);
      }),
    );
    environment.cancel('CANCELLED');
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
    expect(aborted).toBe(true);
  });
});
