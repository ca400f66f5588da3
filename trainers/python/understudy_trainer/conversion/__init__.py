"""From trained models to ONNX graphs with the tensors of src/domain/training/training.ts."""
