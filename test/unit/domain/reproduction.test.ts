// What differs between two environments is named, each once, and nothing else is.
import type { EnvironmentLock } from '../../../src/domain/training/reproduction';
import { environmentDifferences } from '../../../src/domain/training/reproduction';

const lock: EnvironmentLock = {
  language: 'CPython',
  version: '3.11.2',
  platform: 'Linux x86_64 glibc 2.36',
  threads: 2,
  packages: { lightgbm: '4.7.0', numpy: '2.3.1', onnx: '1.19.0' },
};

describe('two environments', () => {
  it('differ in nothing when they are the same, whatever the order of their packages', () => {
    const packages = Object.fromEntries(Object.entries(lock.packages).reverse());
    expect(environmentDifferences(lock, { ...lock, packages })).toEqual([]);
  });

  it('differ in what has another version, what is gone and what is new', () => {
    const now = {
      ...{ ...lock, version: '3.12.1', threads: 4 },
      packages: { lightgbm: '4.8.0', numpy: '2.3.1', scipy: '1.16.0' },
    };
    expect(environmentDifferences(lock, now)).toEqual([
      { what: 'language', recorded: 'CPython 3.11.2', found: 'CPython 3.12.1' },
      { what: 'threads', recorded: '2', found: '4' },
      { what: 'package lightgbm', recorded: '4.7.0', found: '4.8.0' },
      { what: 'package onnx', recorded: '1.19.0', found: null },
      { what: 'package scipy', recorded: null, found: '1.16.0' },
    ]);
  });
});
