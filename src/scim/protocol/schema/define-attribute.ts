/** Short forms for writing schema data; the defaults are those of RFC 7643 section 2.2. */
import type { Attribute } from './attribute.js';

type Traits = Partial<Omit<Attribute, 'name' | 'description'>>;

const DEFAULTS = {
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
} as const;

/** A singular attribute, a string unless `traits` says otherwise. */
export const attribute = (name: string, description: string, traits: Traits = {}): Attribute => ({
  name,
  description,
  ...DEFAULTS,
  ...traits,
});

export const complex = (name: string, description: string, subAttributes: Attribute[], traits: Traits = {}) =>
  attribute(name, description, { type: 'complex', subAttributes, ...traits });

export const multiValued = (name: string, description: string, subAttributes: Attribute[], traits: Traits = {}) =>
  complex(name, description, subAttributes, { multiValued: true, ...traits });

/** A URI. It is compared with case (RFC 7643 section 2.3.7). */
export const reference = (name: string, description: string, referenceTypes: string[], traits: Traits = {}) =>
  attribute(name, description, { type: 'reference', caseExact: true, referenceTypes, ...traits });
