import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomCase } from '../../src/check/cases.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { declarationsOf } from './declarations.ts';

const folder = new URL('../../docs/', import.meta.url);
const text = readFileSync(new URL('bptt.md', folder), 'utf8');
const links = [...text.matchAll(/\[`([^`]+)`\]\(([^)#]+)#?([^)]*)\)/g)];

describe('docs/bptt.md', () => {
  it('links each equation to a function that still says what it says', () => {
    for (const cell of ['gru', 'gru-after', 'lstm', 'rnn', 'rnn-tanh']) {
      for (const file of [
        `../src/engine/reference/cells/${cell}.ts`,
        `../shaders/cells/${cell}-forward.wgsl`,
        `../shaders/cells/${cell}-backward.wgsl`,
      ]) {
        expect(links.map(([, , path]) => path)).toContain(file);
      }
    }
    const wrong = links.flatMap(([, code = '', path = '', mark = '']) => {
      const declared = declarationsOf(readFileSync(new URL(path, folder), 'utf8'), mark);
      if (declared.length !== 1) return [`${path} declares ${mark} ${declared.length} times`];
      return declared[0]!.includes(code) ? [] : [`${mark} of ${path} should say ${code}`];
    });
    expect(wrong).toEqual([]);
  });

  it('writes its mathematics so that GitHub leaves it alone', () => {
    const displays = [...text.matchAll(/^\$\$\n(.*)\n\$\$$/gm)].map(([, formula = '']) => formula);
    const prose = text.replaceAll(/^\$\$\n.*\n\$\$$/gm, '');
    const inline = prose.split('\n').flatMap((line) => {
      const parts = line.replaceAll(/`[^`]*`/g, '').split('$');
      expect(parts.length % 2, line).toBe(1);
      for (let i = 2; i < parts.length; i += 2) expect(parts[i], line).toMatch(/^($|[\s.,;:)*])/);
      return parts.filter((_, i) => i % 2 === 1);
    });
    expect(displays.length).toBeGreaterThan(30);
    expect(inline.length).toBeGreaterThan(100);
    for (const formula of [...displays, ...inline]) {
      expect(formula).toBe(formula.trim());
      // Markdown takes a backslash before punctuation away, and reads emphasis, HTML and cells of a table.
      expect(formula).not.toMatch(/\\[^a-zA-Z]|[*<>|~&]|[^a-zA-Z0-9]_[a-zA-Z0-9]/);
      expect(formula.split('{').length).toBe(formula.split('}').length);
    }
  });
});

describe('How far back a gradient reaches', () => {
  const [V, H, rows, timesteps] = [10, 128, 4, 11] as const;

  /** ‖∇_{h^i}E‖ over all rows, for i from 0 to τ, for a loss at the last timestep only. */
  async function lengths(cell: 'gru' | 'rnn') {
    const { batch, state } = randomCase([V, H, rows, timesteps], 3, cell === 'gru' ? 'GRU, symbols' : 'RNN, symbols');
    const model = symbolModel(cell, V, H);
    const session = await new ReferenceEngine().open(model, batch);
    session.write(state);
    const only = { ...batch, initialState: 'zero', countFrom: timesteps - 1 } as const;
    const { stateGradients } = await session.gradients(only);
    const norm = (i: number) => Math.hypot(...stateGradients.slice(i * rows * H, (i + 1) * rows * H));
    const found = Array.from({ length: timesteps + 1 }, (_, i) => norm(i));
    return { found, W: cell === 'rnn' ? parameterViews(parameterLayout(model), state.parameters)['W'] : undefined };
  }

  it('is a seventh a timestep for the RNN at the start of training, below the bound of its weights’ norm', async () => {
    const { found, W } = await lengths('rnn');
    const perTimestep = (found[1]! / found[timesteps]!) ** (1 / 10);
    expect(Math.abs(perTimestep - 1 / (4 * Math.sqrt(3)))).toBeLessThan(0.02);
    // The spectral norm, by power iteration.
    let x = Array.from({ length: H }, (_, i) => Math.sin(i + 1));
    let spectral = 0;
    for (let i = 0; i < 200; i++) {
      const y = x.map((_, j) => x.reduce((sum, value, k) => sum + value * W![j * H + k]!, 0));
      const z = x.map((_, k) => y.reduce((sum, value, j) => sum + value * W![j * H + k]!, 0));
      spectral = Math.sqrt(Math.hypot(...z) / Math.hypot(...x));
      x = z.map((value) => value / Math.hypot(...z));
    }
    for (let i = 0; i < timesteps; i++) {
      expect(found[i]!).toBeLessThan((spectral / 4) ** (timesteps - i) * found[timesteps]!);
    }
  });

  it('is somewhat more than half a timestep for the GRU', async () => {
    const { found } = await lengths('gru');
    const perTimestep = (found[1]! / found[timesteps]!) ** (1 / 10);
    expect(perTimestep).toBeGreaterThan(0.5);
    expect(perTimestep).toBeLessThan(0.65);
  });
});
