// Writes a logistic model as an ONNX graph with the contract's tensors.
// Invariant: same model, same bytes.
import { ONNX_INPUT, ONNX_LABEL, ONNX_PROBABILITIES } from '../domain/training/training';
import { SECOND_AXIS, floats, scoreGraph } from './linear/scores';
import { isLogisticModel, type LogisticModel } from './logistic-model';
import { FLOAT, INT64, encodeOnnx, metadataOf } from './onnx-proto';

/** The metadata entry that carries the model in full precision, for warm starts. */
const METADATA_KEY = 'understudy.logistic';

/** The ONNX bytes of a model. */
export function logisticToOnnx(model: LogisticModel): Uint8Array {
  const { nodes, constants } = scoreGraph([model]);
  nodes.push(
    { op: 'Sigmoid', inputs: ['score'], output: 'positive' },
    { op: 'Neg', inputs: ['score'], output: 'minus_score' },
    { op: 'Sigmoid', inputs: ['minus_score'], output: 'negative' },
    { op: 'Concat', inputs: ['negative', 'positive'], output: ONNX_PROBABILITIES, attributes: { axis: 1 } },
    { op: 'Greater', inputs: ['positive', 'half'], output: 'above_half' },
    { op: 'Squeeze', inputs: ['above_half', 'second_axis'], output: 'is_positive' },
    { op: 'Cast', inputs: ['is_positive'], output: ONNX_LABEL, attributes: { to: INT64 } },
  );
  return encodeOnnx({
    name: 'logistic',
    nodes,
    constants: [...constants, floats('half', [0.5]), SECOND_AXIS],
    inputs: [{ name: ONNX_INPUT, type: FLOAT, shape: ['batch', model.terms.length] }],
    outputs: [
      { name: ONNX_LABEL, type: INT64, shape: ['batch'] },
      { name: ONNX_PROBABILITIES, type: FLOAT, shape: ['batch', 2] },
    ],
    metadata: { [METADATA_KEY]: JSON.stringify(model) },
  });
}

/** The model that an ONNX file of {@link logisticToOnnx} carries; undefined for any other file. */
export function logisticFromOnnx(onnx: Uint8Array): LogisticModel | undefined {
  const text = metadataOf(onnx)[METADATA_KEY];
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isLogisticModel(value) ? value : undefined;
}
