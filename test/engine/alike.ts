import { expect } from 'vitest';
import type { Gradients } from '../../src/engine/engine.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { relativeError, relativeErrors } from '../fixtures.ts';

/** Holds all that `gradients` finds to what it should, each parameter's gradient by itself. */
export function expectAlike(model: ModelConfiguration, found: Gradients, expected: Gradients, bound: number): void {
  expect(relativeError([found.loss], [expected.loss])).toBeLessThan(bound);
  expect(relativeError(found.finalState, expected.finalState)).toBeLessThan(bound);
  expect(relativeError(found.stateGradients, expected.stateGradients)).toBeLessThan(bound);
  const errors = relativeErrors(model, found.flat, (_, offset, length) =>
    expected.flat.subarray(offset, offset + length),
  );
  for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(bound);
}
