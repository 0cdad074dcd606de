/**
 * Chance without a sequence: every draw is a function of the seed and of what it is drawn for, so that requests that finish in another
 * order, or people that are never looked at, change nothing for the rest.
 */

/** A number from 0 to below 2^32 that depends on the arguments alone. */
export function hash(seed: number, ...parts: readonly (number | string)[]): number {
  let state = mix(seed >>> 0, 0x9e3779b9);
  for (const part of parts) {
    if (typeof part === 'number') state = mix(state, part >>> 0);
    else for (let index = 0; index < part.length; index++) state = mix(state, part.charCodeAt(index));
  }
  return finish(state);
}

/** From 0 to below 1. */
export const fraction = (seed: number, ...parts: readonly (number | string)[]): number =>
  hash(seed, ...parts) / 0x1_0000_0000;

export const pick = <T>(list: readonly T[], seed: number, ...parts: readonly (number | string)[]): T =>
  list[hash(seed, ...parts) % list.length]!;

/**
 * `count` different numbers below `size`, in an order of their own, without keeping any of them: a walk around the ring with a step that
 * has no divisor in common with its size.
 */
export function* sample(count: number, size: number, seed: number, ...parts: readonly (number | string)[]) {
  if (size === 0) return;
  const start = hash(seed, 'start', ...parts) % size;
  let step = 1 + (hash(seed, 'step', ...parts) % size);
  while (greatestCommonDivisor(step, size) !== 1) step++;
  for (let index = 0, at = start; index < Math.min(count, size); index++, at = (at + step) % size) yield at;
}

const mix = (state: number, value: number): number => {
  const mixed = Math.imul(state ^ Math.imul(value, 0xcc9e2d51), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) >>> 0;
};

function finish(state: number): number {
  let value = state ^ (state >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
