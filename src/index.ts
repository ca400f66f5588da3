// The public entry for model authors: defineModel and its builders, nothing else.
export { defineModel, type Definition } from './definition/define-model';
export {
  csvTable,
  featureView,
  lightgbm,
  logistic,
  type CsvTableOptions,
  type LightgbmOptions,
  type LogisticOptions,
} from './definition/builders';
