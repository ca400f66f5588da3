// A payload converter that never throws: a message in an unknown encoding becomes a marker object, so that it is refused like any other bad
// message instead of wedging the entity (its workflow task would be retried for ever). Used by worker, bundle and replay alike.
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

export const UNREADABLE = '__unreadable';

export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      return { [UNREADABLE]: error instanceof Error ? error.message : 'unknown encoding' } as T;
    }
  },
};
