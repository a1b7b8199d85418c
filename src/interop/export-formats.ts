/** What a network can be saved as. */
export const exportFormats = ['sluice', 'pytorch', 'onnx', 'tfjs', 'page'] as const;
/** A format that a network can be saved in. */
export type ExportFormat = (typeof exportFormats)[number];

/** What people call a format. */
export const formatTitles: Readonly<Record<ExportFormat, string>> = {
  sluice: 'Sluice',
  pytorch: 'PyTorch',
  onnx: 'ONNX',
  tfjs: 'TensorFlow.js',
  page: 'a web page',
};
