// Jest's node environment with the process's own typed arrays: onnxruntime-node makes its outputs from those and refuses any other realm's.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class HostArraysEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, { Float32Array, BigInt64Array });
  }
};
