// What the protocol's metadata routes say of a model: its inputs and outputs, and which versions are loaded.
import { recordedTarget, recordOf, widthOf } from '../domain/evaluation/task';
import type { ModelSignature } from '../domain/training/training';
import { OUTPUTS, type OutputFacts } from './outputs';
import type { SlotState } from './slot';
import type { ServedModel } from './served-model';

const PLATFORM = 'onnxruntime_onnx';
/** What GET /v2 says. */
export function serverMetadata(release: string): object {
  return { name: 'understudy', version: release, extensions: ['binary_tensor_data', 'model_configuration'] };
}

/** What GET /v2/models/M says. The serving version is the first of `versions`. Inputs name the datatype to prefer; numbers may also come as FP64, INT32 and INT64. */
export function modelMetadata(state: SlotState, served: ServedModel): object {
  return {
    name: state.model,
    versions: [...state.loaded].sort((a, b) => Number(b === state.serving) - Number(a === state.serving)).map(String),
    platform: PLATFORM,
    inputs: inputsOf(served.signature).map(({ name, datatype }) => ({ name, datatype, shape: [-1] })),
    outputs: outputsOf(served).map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    parameters: {
      version: String(served.version),
      contender: served.contender,
      serving: asText(state.serving),
      champion: asText(state.champion),
      previous: asText(state.previous),
      epoch: state.epoch,
      // With `classes`, in the order of the probabilities; not there where there are two.
      ...recordOf(recordedTarget(served.signature)),
    },
  };
}

/** What GET /v2/models/M/config says, in Triton's words; rows are the first dimension of every tensor, so there is no batching on top. */
export function modelConfig(state: SlotState, served: ServedModel): object {
  return {
    name: state.model,
    platform: PLATFORM,
    backend: 'onnxruntime',
    max_batch_size: 0,
    input: inputsOf(served.signature).map(({ name, configType }) => ({ name, data_type: configType, dims: [-1] })),
    output: outputsOf(served).map(({ name, configType, shape }) => ({ name, data_type: configType, dims: shape })),
  };
}

function outputsOf({ signature }: ServedModel): (OutputFacts & { readonly shape: readonly number[] })[] {
  const target = recordedTarget(signature);
  return OUTPUTS[target.task].map((output) => ({ ...output, shape: output.byClass ? [-1, widthOf(target)] : [-1] }));
}

function inputsOf({ columns }: ModelSignature) {
  return columns.map(({ name, kind }) =>
    kind === 'number'
      ? { name, datatype: 'FP32', configType: 'TYPE_FP32' }
      : { name, datatype: 'BYTES', configType: 'TYPE_STRING' },
  );
}

function asText(version: number | null): string | null {
  return version === null ? null : String(version);
}
