import type { CellKind } from './cells.ts';

/** The textbook's recurrent cell: h' = σ(s), s = x U + h W + b. */
export const rnn: CellKind = {
  groups: [1],
  traced: [],
  // σ(0) would be ½.
  paddingBias: -3e38,
  start(kernels, { common, padded: { hiddenSize: H } }, own) {
    const { packTransposed, multiply } = kernels;
    const { left } = own;
    const [W, Wᵀ] = [common.W[0]!, common.Wᵀ[0]!];
    const at = (t: number, R: number) => {
      const state = 4 * t * R * H;
      return {
        h: own.states + state,
        next: own.states + state + 4 * R * H,
        s: own.gates[0]! + state,
        dh: own.dh + state,
        dnext: own.dh + state + 4 * R * H,
      };
    };
    return {
      forward(t, R) {
        const { h, s, next } = at(t, R);
        packTransposed(left, 16 * H, h, 4 * H, R / 4, H, 4);
        multiply(s, 4 * H, left, W, R, H, H, true);
        kernels.squash(s, next, R * H);
      },
      backward(t, R) {
        const { s, next, dh, dnext } = at(t, R);
        kernels.squashGradients(s, next, dnext, R * H);
        packTransposed(left, 16 * H, s, 4 * H, R / 4, H, 4);
        multiply(dh, 4 * H, left, Wᵀ, R, H, H, true);
      },
    };
  },
};
