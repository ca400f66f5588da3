// Writes names, text and file writes as SQL. Invariant: whatever a name or a text holds, the statement stays the same statement.

/** A quoted identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of text literals, as `[...]`. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(', ')}]`;
}

/**
 * Writes a query's rows as one Parquet file. The query must order its rows completely: then equal rows give equal bytes.
 * The row group size is fixed, because its default may change with DuckDB's release and would change every digest.
 * @param metadata pairs for the file's key-value metadata (`parquet_kv_metadata()` reads them).
 */
export function copyToParquet(query: string, path: string, metadata: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${quoteName(key)}: ${quoteText(value)}`);
  const extra = pairs.length > 0 ? `, KV_METADATA {${pairs.join(', ')}}` : '';
  return `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880${extra})`;
}
