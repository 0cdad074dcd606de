import fc from 'fast-check';

/** Random filters over attributes of every type, as texts. */

export const DATES = [
  '2026-11-24T10:00:00Z',
  '2026-11-24T12:00:00.5+01:00',
  '2026-11-25T00:00:00Z',
  '2027-01-01T00:00:00.000Z',
];
export const NUMBERS = ['-1', '0', '0.1', '0.30000000000000004', '2', '10', '1e+21'];

export type Kind = 'text' | 'boolean' | 'number' | 'dateTime' | 'binary' | 'complex';
export interface Named {
  readonly path: string;
  readonly kind: Kind;
}
/** Filter texts of one leaf; `values` are texts that occur among the resources. */
export function leaf({ path, kind }: Named, values: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const present = fc.constantFrom(`${path} pr`, `${path} PR`);
  if (kind === 'complex') return present;
  if (kind === 'boolean') {
    const value = fc.constantFrom('true', 'false', '"True"', '"false"', 'null');
    return fc.oneof(
      present,
      fc.tuple(fc.constantFrom('eq', 'ne'), value).map((parts) => [path, ...parts].join(' ')),
    );
  }
  if (kind === 'dateTime') {
    const operator = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');
    return fc.tuple(operator, fc.constantFrom(...DATES)).map(([op, value]) => `${path} ${op} "${value}"`);
  }
  if (kind === 'number') {
    const operator = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');
    const comparison = fc.tuple(operator, fc.constantFrom(...NUMBERS)).map(([op, value]) => `${path} ${op} ${value}`);
    return fc.oneof({ weight: 4, arbitrary: comparison }, { weight: 1, arbitrary: present });
  }
  if (kind === 'binary') {
    const comparison = fc
      .tuple(fc.constantFrom('eq', 'ne'), values)
      .map(([op, value]) => `${path} ${op} ${JSON.stringify(value)}`);
    return fc.oneof({ weight: 4, arbitrary: comparison }, { weight: 1, arbitrary: present });
  }
  const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'Eq', 'CO');
  const comparison = fc.tuple(operator, values).map(([op, value]) => `${path} ${op} ${JSON.stringify(value)}`);
  const withNull = fc.constantFrom(`${path} eq null`, `${path} ne null`, `${path} eq ""`, `${path} sw ""`);
  return fc.oneof(
    { weight: 6, arbitrary: comparison },
    { weight: 1, arbitrary: present },
    { weight: 1, arbitrary: withNull },
  );
}

export function combined(part: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return part;
  const inner = combined(part, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: inner },
    {
      weight: 2,
      arbitrary: fc.tuple(inner, fc.constantFrom('and', 'or', 'AND'), inner).map((parts) => parts.join(' ')),
    },
    { weight: 1, arbitrary: inner.map((filter) => `(${filter})`) },
    { weight: 2, arbitrary: inner.map((filter) => `not (${filter})`) },
  );
}
