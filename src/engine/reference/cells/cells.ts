import type { Cell as CellName } from '../../../model/cells/cells.ts';
import { type Cell, cell } from './cell.ts';
import * as gru from './gru.ts';
import * as gruAfter from './gru-after.ts';
import * as lstm from './lstm.ts';
import * as rnn from './rnn.ts';
import * as rnnTanh from './rnn-tanh.ts';

/** Each cell's equations. */
export const cells: Readonly<Record<CellName, Cell>> = {
  gru: cell(gru),
  'gru-after': cell(gruAfter),
  lstm: cell(lstm),
  rnn: cell(rnn),
  'rnn-tanh': cell(rnnTanh),
};
