import type { Comparison } from './condition.js';
import type { Parameters } from './parameters.js';

/** Comparisons of SQL expressions with a client's value, which is always a parameter. */

export function compareText(
  expression: string,
  comparison: Comparison,
  value: string,
  parameters: Parameters,
  wrap = '',
): string {
  const pattern = (text: string) => `${expression} LIKE ${wrap}(${parameters.add(text)}::text)`;
  const escaped = value.replace(/[\\%_]/g, '\\$&');
  switch (comparison) {
    case 'contains':
      return pattern(`%${escaped}%`);
    case 'startsWith':
      return pattern(`${escaped}%`);
    case 'endsWith':
      return pattern(`%${escaped}`);
    case 'equal':
      return `${expression} = ${wrap}(${parameters.add(value)}::text)`;
    default:
      // Code point order, whatever the locale of the database.
      return `${expression} COLLATE "C" ${symbolOf(comparison)} ${wrap}(${parameters.add(value)}::text)`;
  }
}

const SYMBOLS: Partial<Record<Comparison, string>> = {
  equal: '=',
  greater: '>',
  atLeast: '>=',
  less: '<',
  atMost: '<=',
};

export const ORDERED: Partial<Record<Comparison, true>> = { greater: true, atLeast: true, less: true, atMost: true };

export function symbolOf(comparison: Comparison): string {
  const symbol = SYMBOLS[comparison];
  if (symbol === undefined) throw new Error(`"${comparison}" compares text only`);
  return symbol;
}
