/** Extension schemas that a connection declares, and what may be in one (RFC 7643 sections 2, 3.3 and 7). */
import type { Attribute, AttributeType, Schema } from './attribute.js';
import { attribute } from './define-attribute.js';

/** An extension of one resource type: a schema, and whether every resource must have it (RFC 7643 section 6). */
export interface Extension {
  readonly resourceType: 'User' | 'Group';
  readonly required: boolean;
  readonly schema: Schema;
}

/** An attribute as it is written down: everything but the name has a default (RFC 7643 section 2.2). */
export type WrittenAttribute = Pick<Attribute, 'name'> &
  Partial<Omit<Attribute, 'subAttributes' | 'name' | 'kept'>> & {
    readonly subAttributes?: readonly WrittenAttribute[];
  };

/** These hold no text whose case could be ignored, or are compared with case by definition (RFC 7643 section 2.3). */
const CASE_EXACT: ReadonlySet<AttributeType> = new Set(['reference', 'binary']);

/** The attribute with the defaults of what it does not say. */
export function toAttribute({ name, description = name, subAttributes, ...written }: WrittenAttribute): Attribute {
  const said = Object.entries(written).filter(([, value]) => value !== undefined);
  const traits = Object.fromEntries(said) as Omit<typeof written, 'name'>;
  return attribute(name, description, {
    caseExact: CASE_EXACT.has(written.type ?? 'string'),
    ...traits,
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(toAttribute) }),
  });
}
