export { type Kind, kinds, randomCase, type Shape } from '../../src/check/cases.ts';
