// References to content-addressed bytes: the only form in which data cross Temporal (invariant 3).
import { z } from 'zod';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

/** Bytes in the artifact store. `uri` is `artifact://sha256/<hex>`: the same in every store. */
export const ArtifactRef = z
  .object({
    uri: z.string(),
    sha256: Sha256,
    bytes: z.number().int().nonnegative(),
    mediaType: z.string(),
    rows: z.number().int().nonnegative().optional(),
  })
  .readonly();
export type ArtifactRef = z.infer<typeof ArtifactRef>;

/** The store-independent address of bytes with this digest. */
export function artifactUri(sha256: string): string {
  return `artifact://sha256/${sha256}`;
}

export const MEDIA_TYPES = {
  parquet: 'application/vnd.apache.parquet',
  onnx: 'application/onnx',
  json: 'application/json',
  jsonlGzip: 'application/x-ndjson+gzip',
  text: 'text/plain',
} as const;
