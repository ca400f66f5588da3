// The public entry for model authors: defineModel and its builders, nothing else.
export { defineModel, type Definition } from './definition/define-model';
export {
  csvTable,
  featureView,
  hookTable,
  jsonlTable,
  parquetTable,
  postgresTable,
  pushTable,
  tsvTable,
  type CsvTableOptions,
  type HookTableOptions,
  type JsonlTableOptions,
  type ParquetTableOptions,
  type PostgresTableOptions,
  type PushTableOptions,
  type TableContract,
  type TsvTableOptions,
} from './definition/builders';
export {
  lightgbm,
  linear,
  logistic,
  sklearn,
  trainFunction,
  xgboost,
  type DimensionInput,
  type LightgbmOptions,
  type LogisticOptions,
  type SklearnOptions,
  type TrainFunctionOptions,
  type TuningInput,
  type XgboostOptions,
} from './definition/contenders/builders';
export { extend, type Changes, type DefinitionChanges, type Template } from './definition/templates/extend';
export { variants } from './definition/templates/variants';
export {
  hookTrainer,
  httpJob,
  type HookTrainerOptions,
  type HttpJobOptions,
} from './definition/contenders/own-builders';
export { encodeOnnx, ONNX_FLOAT, ONNX_INT64, type OnnxGraph } from './training/author';
export type { HookModel, TrainHook, TrainHookInput } from './domain/plan/train-hook';
export type { SourceHook, SourceHookInput, SourceValue } from './domain/plan/source-hook';
