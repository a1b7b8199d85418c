import type { CellKind } from './cells.ts';

/** The gated recurrent unit: z and r read the state, c what r leaves of it, q = r ⊙ h. */
export const gru: CellKind = {
  groups: [2, 1],
  traced: ['z', 'r', 'c'],
  paddingBias: 0,
  start(kernels, { common, padded: { hiddenSize: H } }, own) {
    const { packTransposed, multiply } = kernels;
    const { left, dq } = own;
    const [W_zr, W_h] = common.W as [number, number];
    const [W_zrᵀ, W_hᵀ] = common.Wᵀ as [number, number];
    const at = (t: number, R: number) => {
      const state = 4 * t * R * H;
      return {
        h: own.states + state,
        next: own.states + state + 4 * R * H,
        zr: own.gates[0]! + 2 * state,
        q: own.operands[1]! + state,
        c: own.gates[1]! + state,
        dh: own.dh + state,
        dnext: own.dh + state + 4 * R * H,
      };
    };
    return {
      forward(t, R) {
        const { h, zr, q, c, next } = at(t, R);
        packTransposed(left, 16 * H, h, 4 * H, R / 4, H, 4);
        multiply(zr, 8 * H, left, W_zr, R, 2 * H, H, true);
        kernels.gates(zr, h, q, R, H);

        packTransposed(left, 16 * H, q, 4 * H, R / 4, H, 4);
        multiply(c, 4 * H, left, W_h, R, H, H, true);
        kernels.nextState(zr, c, h, next, R, H);
      },
      backward(t, R) {
        const { h, zr, c, dh, dnext } = at(t, R);
        kernels.candidateGradients(zr, c, h, dnext, dh, R, H);
        packTransposed(left, 16 * H, c, 4 * H, R / 4, H, 4);
        multiply(dq, 4 * H, left, W_hᵀ, R, H, H, false);

        kernels.resetGradients(zr, h, dq, dh, R, H);
        packTransposed(left, 32 * H, zr, 8 * H, R / 4, 2 * H, 4);
        multiply(dh, 4 * H, left, W_zrᵀ, R, H, 2 * H, true);
      },
    };
  },
};
