// What authors of training hooks use to write their graph; reached by the public entry only.
export { encodeOnnx, FLOAT as ONNX_FLOAT, INT64 as ONNX_INT64, type OnnxGraph } from './onnx-proto';
