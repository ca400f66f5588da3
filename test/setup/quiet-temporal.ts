// Temporal's own log in tests: failures that a test provokes are its subject, not news.
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let done = false;

/** Silences the SDK in this test file; before its first worker. */
export function quietTemporal(): void {
  if (done) return;
  done = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
}
