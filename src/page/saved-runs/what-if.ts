import { choiceLabel, formatCount } from '../../format.ts';
import { comparedWith, describeCell } from '../../model/cells/cells.ts';
import type { Configuration } from '../../training/configuration.ts';

/** The run that stands, once more with one thing changed. */
export interface WhatIf {
  readonly id: 'cell' | 'units' | 'layers';
  /** What is changed: “the RNN”. */
  readonly words: string;
  readonly configuration: Configuration;
}

/** What may be asked of a run with these settings; all else, the seed too, stays as it is. */
export function whatIfs(configuration: Configuration): readonly WhatIf[] {
  const { hidden, layers } = configuration;
  const cell = comparedWith(configuration.cell);
  // Only some cells have what it leaves out.
  const without = configuration.recurrentDropout > 0 && describeCell(cell).candidate === undefined;
  const half = Math.floor(hidden / 2);
  const other = layers === 1 ? 2 : 1;
  const asked = [
    {
      id: 'cell',
      words: `the ${choiceLabel(cell)}${without ? ', which has no recurrent dropout' : ''}`,
      configuration: { ...configuration, cell, ...(without && { recurrentDropout: 0 }) },
    },
    { id: 'units', words: `half the units, ${formatCount(half)}`, configuration: { ...configuration, hidden: half } },
    {
      id: 'layers',
      words: other === 1 ? 'one layer' : 'two layers',
      configuration: { ...configuration, layers: other },
    },
  ] as const satisfies readonly WhatIf[];
  return asked.filter(({ configuration }) => configuration.hidden > 0);
}
