/** What a gradient of this norm is multiplied with, as PyTorch's `clip_grad_norm_` has it. */
export const clipScale = (norm: number, clipNorm: number): number => Math.min(1, clipNorm / (norm + 1e-6));
