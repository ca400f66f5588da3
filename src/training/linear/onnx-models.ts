// Writes softmax and linear models as ONNX graphs with the contract's tensors of their task.
// Invariant: same model, same bytes.
import { ONNX_INPUT, ONNX_LABEL, ONNX_PROBABILITIES, ONNX_VALUE } from '../../domain/training/training';
import type { LogisticModel } from '../logistic-model';
import { FLOAT, INT64, encodeOnnx } from '../onnx-proto';
import { SECOND_AXIS, scoreGraph } from './scores';

/** The ONNX bytes of one linear model per class: their softmax. */
export function softmaxToOnnx(models: readonly LogisticModel[]): Uint8Array {
  const { nodes, constants, needsAxis } = scoreGraph(models);
  nodes.push(
    { op: 'Softmax', inputs: ['score'], output: ONNX_PROBABILITIES, attributes: { axis: 1 } },
    { op: 'ArgMax', inputs: ['score'], output: ONNX_LABEL, attributes: { axis: 1, keepdims: 0 } },
  );
  return encodeOnnx({
    name: 'softmax',
    nodes,
    constants: [...constants, ...(needsAxis ? [SECOND_AXIS] : [])],
    inputs: [{ name: ONNX_INPUT, type: FLOAT, shape: ['batch', models[0]!.terms.length] }],
    outputs: [
      { name: ONNX_LABEL, type: INT64, shape: ['batch'] },
      { name: ONNX_PROBABILITIES, type: FLOAT, shape: ['batch', models.length] },
    ],
    metadata: {},
  });
}

/** The ONNX bytes of a linear model: its score is the value. */
export function linearToOnnx(model: LogisticModel): Uint8Array {
  const { nodes, constants, needsAxis } = scoreGraph([model]);
  nodes.push({ op: 'Identity', inputs: ['score'], output: ONNX_VALUE });
  return encodeOnnx({
    name: 'linear',
    nodes,
    constants: [...constants, ...(needsAxis ? [SECOND_AXIS] : [])],
    inputs: [{ name: ONNX_INPUT, type: FLOAT, shape: ['batch', model.terms.length] }],
    outputs: [{ name: ONNX_VALUE, type: FLOAT, shape: ['batch', 1] }],
    metadata: {},
  });
}
