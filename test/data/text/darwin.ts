import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { findBook } from '../../../src/data/library.ts';

// Where the book is kept beside the project it need not be fetched.
if (!process.env['SLUICE_CORPORA'] && existsSync('../shared/data')) process.env['SLUICE_CORPORA'] = '../shared/data';

/** *On the Origin of Species*, wherever it is to be had. */
export const darwin = (await findBook()).text;

/** Whether it is to the letter the text that published figures were measured on. */
export const isMeasuredText =
  createHash('sha256').update(darwin).digest('hex') ===
  '715af8c8a80adeb2c5fc8bd4f53cd080960df7a1a0d6ea53475db00a8574f60e';
