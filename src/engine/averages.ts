import type { Network } from './engine.ts';

/**
 * A network whose calls are those of another one while that has other parameters.
 *
 * @param network carries out calls in the order in which they are made
 * @param exchange puts the other parameters in the place of the network's own, and its own in theirs, in the same order
 */
export function withOtherParameters(network: Network, exchange: () => void): Network {
  const meanwhile = <Result>(ask: () => Promise<Result>): Promise<Result> => {
    exchange();
    const answer = ask();
    // What was asked is in the queue, and need not be waited for.
    exchange();
    return answer;
  };
  return {
    model: network.model,
    capacity: network.capacity,
    gradients: (batch) => meanwhile(() => network.gradients(batch)),
    evaluate: (batch) => meanwhile(() => network.evaluate(batch)),
    trace: (batch) => meanwhile(() => network.trace(batch)),
    generate: (primes, length, sampling) => meanwhile(() => network.generate(primes, length, sampling)),
  };
}
