// The versions of the libraries that made a model, for its lineage.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EnvironmentLock } from '../domain/training/reproduction';

/** Versions by package name, and Node's own. Packages hide their package.json behind `exports`, so it is looked up beside their code. */
export function librariesOf(names: readonly string[]): Readonly<Record<string, string>> {
  return { node: process.versions.node, ...Object.fromEntries(names.map((name) => [name, versionOf(name)])) };
}

/** The lock of this thread's environment, in the form that every trainer writes. */
export function environmentOf(
  { node: version = process.versions.node, ...packages }: Readonly<Record<string, string>>,
  threads: number,
): EnvironmentLock {
  return { language: 'Node.js', version, platform: `${process.platform} ${process.arch}`, threads, packages };
}

function versionOf(name: string): string {
  let folder = dirname(require.resolve(name));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (found.name === name && found.version) return found.version;
  }
  return 'unknown';
}
