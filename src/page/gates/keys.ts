import type { Place } from './heat-map.ts';

/**
 * Where a key leads: arrows from timestep to timestep and from unit to unit, Home and End to the first and the last timestep;
 * `undefined`: nowhere.
 *
 * @param units those that are shown, from top to bottom
 */
export function placeAfter(
  key: string,
  { timestep, unit }: Place,
  units: readonly number[],
  timesteps: number,
): Place | undefined {
  const last = timesteps - 1;
  const at = (timestep: number) => ({ unit, timestep: Math.min(last, Math.max(0, timestep)) });
  const below = (rows: number) => ({ timestep, unit: units[units.indexOf(unit) + rows] ?? unit });
  switch (key) {
    case 'ArrowLeft':
      return at(timestep - 1);
    case 'ArrowRight':
      return at(timestep + 1);
    case 'ArrowUp':
      return below(-1);
    case 'ArrowDown':
      return below(1);
    case 'Home':
      return at(0);
    case 'End':
      return at(last);
    default:
      return undefined;
  }
}
