// The part of the ONNX file format that our own graphs need: node, tensor and model builders, and protobuf encoding.
// Invariant: the same graph gives the same bytes (no time stamps, fixed producer, fields in the order of their numbers).
import { Root, type INamespace } from 'protobufjs';

const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) });

/** Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8). */
const SCHEMA: INamespace = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        producerVersion: field(3, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
        metadataProps: field(14, 'StringStringEntryProto', 'repeated'),
      },
    },
    GraphProto: {
      fields: {
        node: field(1, 'NodeProto', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'TensorProto', 'repeated'),
        input: field(11, 'ValueInfoProto', 'repeated'),
        output: field(12, 'ValueInfoProto', 'repeated'),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'AttributeProto', 'repeated'),
      },
    },
    AttributeProto: { fields: { name: field(1, 'string'), i: field(3, 'int64'), type: field(20, 'int32') } },
    TensorProto: {
      fields: {
        dims: field(1, 'int64', 'repeated'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: field(1, 'DimensionProto', 'repeated') } },
    DimensionProto: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
  },
};
const ModelProto = Root.fromJSON(SCHEMA).lookupType('ModelProto');

/** ONNX element types. */
export const FLOAT = 1;
export const INT64 = 7;
const ATTRIBUTE_INT = 2;

/** A node of the graph: an operator with integer attributes, which is all that our graphs need. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A constant of the graph: its values in row-major order, int64 for BigInt64Array. */
export interface GraphConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** An input or output; a text in its shape names a dynamic dimension. */
export interface GraphTensor {
  readonly name: string;
  readonly type: typeof FLOAT | typeof INT64;
  readonly shape: readonly (number | string)[];
}

/** A whole model; `metadata` is kept in the file and ignored when it runs. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphConstant[];
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of an ONNX file, opset 17. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  return ModelProto.encode(
    ModelProto.fromObject({
      irVersion: 8,
      producerName: 'understudy',
      producerVersion: '1',
      opsetImport: [{ domain: '', version: 17 }],
      metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: graph.name,
        node: graph.nodes.map((node) => ({
          input: node.inputs,
          output: [node.output],
          name: node.output,
          opType: node.op,
          attribute: Object.entries(node.attributes ?? {}).map(([name, i]) => ({ name, i, type: ATTRIBUTE_INT })),
        })),
        initializer: graph.constants.map(({ name, shape, values }) => ({
          name,
          dims: shape,
          dataType: values instanceof Float32Array ? FLOAT : INT64,
          rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        })),
        input: graph.inputs.map(valueInfo),
        output: graph.outputs.map(valueInfo),
      },
    }),
  ).finish();
}

/** The metadata of an ONNX file; empty for bytes that are none. */
export function metadataOf(onnx: Uint8Array): Readonly<Record<string, string>> {
  try {
    const model = ModelProto.toObject(ModelProto.decode(onnx), { arrays: true }) as {
      metadataProps: { key: string; value: string }[];
    };
    return Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
  } catch {
    return {};
  }
}

function valueInfo({ name, type, shape }: GraphTensor) {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: type, shape: { dim } } } };
}
