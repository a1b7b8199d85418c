import { describe, expect, it } from 'vitest';
import { complaintAboutPrime, remarkAboutPrime } from '../../src/page/prime.ts';

const english = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. ' } as const;
const reber = { kind: 'text', name: 'Reber grammar', text: 'BTXSEBPVVE' } as const;

describe('The prime’s field', () => {
  it('says what takes the default’s place in a text without its characters, and does not call that an error', () => {
    expect(complaintAboutPrime('The ', reber)).toBe('');
    expect(remarkAboutPrime('The ', reber)).toMatch(/lacks .* from “B”/);
    expect(remarkAboutPrime('The ', english)).toBe('');
    expect(remarkAboutPrime('The ', null)).toBe('');
  });

  it('complains of what a person wrote and the text does not have', () => {
    expect(complaintAboutPrime('BTQ', reber)).toMatch(/“Q”/);
    expect(complaintAboutPrime('', reber)).toMatch(/at least one/);
    expect(complaintAboutPrime('BT', reber)).toBe('');
    // One code point there, two here.
    expect(complaintAboutPrime('e\u0301', { kind: 'text', name: 'café', text: 'un caf\u00e9 ' })).toBe('');
    expect(remarkAboutPrime('BTQ', reber)).toBe('');
  });
});
