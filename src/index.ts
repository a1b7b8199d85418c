/**
 * Sluice as a library: recurrent networks trained on a GPU or on the processor's cores, in a browser or in Node.
 *
 * {@link Run} is training from end to end: a dataset, a network, an engine, one step after the other. Beneath it, an
 * {@link Engine} opens a {@link Session} for any {@link ModelConfiguration}, which computes on batches of your own.
 *
 * @packageDocumentation
 */

// Data.
export {
  type Baseline,
  DataError,
  type Dataset,
  type Fact,
  type Kind,
  type Piece,
  type Task,
} from './data/dataset.ts';
export { type Answer, type Answers, answersTo } from './data/labelled/answers.ts';
export {
  type Classification,
  type Classified,
  type Confusion,
  classify,
  confusionOf,
} from './data/labelled/classify.ts';
export { type SampleObject, samplesFromObjects, type Timesteps } from './data/labelled/from-objects.ts';
export type { BestPossible, SampleInputs, Samples, SampleTargets } from './data/labelled/samples.ts';
export { figureOf, type Measure } from './data/measure.ts';
export { type OpenOptions, openDataset } from './data/open.ts';
export { type Forecast, forecastSeries, predictSeries } from './data/series/predict.ts';
export { type Column, seriesFromColumns, type TimeSeries } from './data/series/series.ts';
export type { TableOptions, TableQuestion } from './data/table/use.ts';
export type { Corpus } from './data/text/corpus.ts';
export { fieldNotes } from './data/text/field-notes.ts';
export { type Split, split } from './data/text/split.ts';
export { corpusFromBytes, corpusFromText } from './data/text/text.ts';
// Engines.
export { type Choice, chooseEngine } from './engine/choose.ts';
export {
  type AdamSettings,
  type Batch,
  type Capacity,
  CapacityError,
  DeviceLostError,
  type Dropout,
  type DropoutMasks,
  dropoutMasks,
  type Engine,
  type EngineName,
  engineNames,
  type Gradients,
  type LayerTrace,
  type Network,
  type Precision,
  precisions,
  type Sampling,
  type Session,
  ShaderError,
  type StepCost,
  type StepReport,
  type Trace,
  type TrainingState,
  type TuneOptions,
} from './engine/engine.ts';
export { initialState } from './engine/initial-state.ts';
export type { WebGPUOptions } from './engine/webgpu/engine.ts';
export type { TuningStore } from './engine/webgpu/tunings.ts';
// The matching experiment.
export { type Curve, csvOfCurves, csvOfTrials, curvesOf } from './experiment/curves.ts';
export {
  type ExperimentProgress,
  type ExperimentResult,
  type Part,
  runExperiment,
  type Series,
  type Trial,
} from './experiment/experiment.ts';
export { defaultOptions as defaultExperimentOptions, type ExperimentOptions } from './experiment/options.ts';
export { svgOfCurves } from './experiment/plot.ts';
export type { Palette } from './figures/figure.ts';
// Model files.
export { FileError } from './files/error.ts';
export { decodeModelFile, encodeModelFile, type HeldOut, type ModelFile, type Training } from './files/model-file.ts';
export type { Course, LastStep, Points } from './files/training.ts';
export { type ExportFormat, exportFormats } from './interop/export-formats.ts';
export { exportNetwork, importNetwork, vocabularyOf } from './interop/formats.ts';
export type { Imported, ImportOptions, NamedFile } from './interop/network.ts';
// Networks.
export {
  type Cell,
  cells,
  describeCell,
  gatesOf,
  type NetworkState,
  statesOf,
  tracedGates,
} from './model/cells/cells.ts';
export type { CellDescription, Gate, Phase, StateName } from './model/cells/description.ts';
export {
  type Cost,
  costs,
  type ModelConfiguration,
  mostLayers,
  type Output,
  outputs,
  predictsItsInput,
  symbolModel,
  targetsOf,
  type Values,
} from './model/configuration.ts';
export type { Encoding, Variable } from './model/encoding.ts';
export {
  initialParameters,
  type ParameterLayout,
  type ParameterName,
  type ParameterPlace,
  parameterLayout,
  parameterNames,
  parameterViews,
  type Role,
} from './model/parameters.ts';
export { Vocabulary } from './model/vocabulary.ts';
export { checkpointOf, resume } from './training/checkpoint.ts';
// Training.
export {
  type ChoiceSetting,
  type Configuration,
  defaultConfiguration,
  type NumberSetting,
  parseSetting,
  type Setting,
  type SettingName,
  settings,
  type TextSetting,
} from './training/configuration.ts';
export { type Choose, type Learned, Run } from './training/run.ts';
