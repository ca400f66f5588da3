// Puts the contract's tensors round another tool's ONNX graph: `features` is taken apart into the graph's own inputs, and the outputs are
// declared as they are. Its nodes and weights stay byte for byte what the tool wrote.
import { Root, type INamespace } from 'protobufjs';
import {
  ONNX_INPUT,
  ONNX_LABEL,
  ONNX_PROBABILITIES,
  type ModelColumn,
  type ModelSignature,
} from '../../../src/domain/training/training';
import { FLOAT, INT64 } from '../../../src/training/onnx-proto';

const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) });

/** Field numbers of onnx.proto. What is only carried over is `bytes`: nothing of it is read or changed. */
const SCHEMA: INamespace = {
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        graph: field(7, 'Graph'),
        opsetImport: field(8, 'bytes', 'repeated'),
      },
    },
    Graph: {
      fields: {
        node: field(1, 'bytes', 'repeated'),
        name: field(2, 'bytes'),
        initializer: field(5, 'bytes', 'repeated'),
        input: field(11, 'bytes', 'repeated'),
        output: field(12, 'bytes', 'repeated'),
      },
    },
    Node: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        opType: field(4, 'string'),
        attribute: field(5, 'Attribute', 'repeated'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        strings: field(9, 'bytes', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: field(1, 'int64', 'repeated'),
        dataType: field(2, 'int32'),
        int64Data: field(7, 'int64', 'repeated'),
        name: field(8, 'string'),
      },
    },
    Value: { fields: { name: field(1, 'string'), type: field(2, 'Type') } },
    Type: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: field(1, 'Dimension', 'repeated') } },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
};
const root = Root.fromJSON(SCHEMA);
const encode = (type: string, content: object): Uint8Array => {
  const found = root.lookupType(type);
  return found.encode(found.fromObject(content)).finish();
};
const INT = 2;
const STRING = 3;
const STRINGS = 8;

/** The graph has one matrix of all columns, under its own name. */
export interface OneMatrix {
  readonly kind: 'matrix';
  readonly input: string;
}

/** The graph has one input [rows, 1] per column, under the column's name; categories are texts. */
export interface OneTensorPerColumn {
  readonly kind: 'columns';
}

/** The bytes of the graph in the contract's dress. */
export function redressed(
  onnx: Uint8Array,
  { columns }: ModelSignature,
  layout: OneMatrix | OneTensorPerColumn,
): Uint8Array {
  const type = root.lookupType('Model');
  const model = type.toObject(type.decode(onnx), { arrays: true }) as {
    irVersion: unknown;
    opsetImport: Uint8Array[];
    graph: { name: Uint8Array; node: Uint8Array[]; initializer: Uint8Array[] };
  };
  const needsDefaultDomain = model.opsetImport.every((import_) => import_[0] === DOMAIN_TAG);
  const { nodes, constants } =
    layout.kind === 'matrix'
      ? { nodes: [node('Identity', [ONNX_INPUT], layout.input)], constants: [] }
      : takenApart(columns);
  return encode('Model', {
    irVersion: model.irVersion,
    // A graph of trees alone imports no plain operators.
    opsetImport: [...model.opsetImport, ...(needsDefaultDomain ? [Uint8Array.from([VERSION_TAG, 15])] : [])],
    graph: {
      name: model.graph.name,
      node: [...nodes, ...model.graph.node],
      initializer: [...constants, ...model.graph.initializer],
      input: [value(ONNX_INPUT, FLOAT, ['batch', columns.length])],
      output: [value(ONNX_LABEL, INT64, ['batch']), value(ONNX_PROBABILITIES, FLOAT, ['batch', 2])],
    },
  });
}

/** Tags of OperatorSetIdProto's fields: a domain (absent for the plain operators), a version. */
const DOMAIN_TAG = 0x0a;
const VERSION_TAG = 0x10;

/** A code becomes its category's text; any other code, and NaN, the empty text, which no training has seen. */
function takenApart(columns: readonly ModelColumn[]): { nodes: Uint8Array[]; constants: Uint8Array[] } {
  const nodes: Uint8Array[] = [];
  const constants = columns.map((column, at) => {
    const place = `place of ${column.name}`;
    const isNumber = column.kind === 'number';
    nodes.push(
      node('Gather', [ONNX_INPUT, place], isNumber ? column.name : `code of ${column.name}`, [
        { name: 'axis', i: 1, type: INT },
      ]),
    );
    if (!isNumber) {
      nodes.push(
        node('Cast', [`code of ${column.name}`], `whole code of ${column.name}`, [{ name: 'to', i: INT64, type: INT }]),
        node(
          'LabelEncoder',
          [`whole code of ${column.name}`],
          column.name,
          [
            { name: 'classes_strings', strings: column.categories.map((text) => Buffer.from(text)), type: STRINGS },
            { name: 'default_string', s: Buffer.from(''), type: STRING },
          ],
          'ai.onnx.ml',
        ),
      );
    }
    return encode('Tensor', { dims: [1], dataType: INT64, int64Data: [at], name: place });
  });
  return { nodes, constants };
}

function node(op: string, input: string[], output: string, attribute: object[] = [], domain = ''): Uint8Array {
  return encode('Node', { opType: op, input, output: [output], attribute, domain });
}

function value(name: string, elemType: number, shape: readonly (number | string)[]): Uint8Array {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return encode('Value', { name, type: { tensorType: { elemType, shape: { dim } } } });
}
