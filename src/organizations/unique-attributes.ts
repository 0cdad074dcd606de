import type { Attribute } from '../scim/protocol/schema/attribute.js';
import type { Extension } from '../scim/protocol/schema/extension.js';

/** An attribute of an extension that no two people, or no two groups, of the organization may have the same value of. */
export interface UniqueAttribute {
  readonly subject: 'user' | 'group';
  /** As clients write it: URN ":" name, and "." sub-attribute. */
  readonly name: string;
  /** Keys from the stored document downwards; lists on the way are gone through. */
  readonly path: readonly string[];
  readonly caseExact: boolean;
}

/**
 * Each once, however many connections declare it. `server` and `global` are one here: uniqueness reaches as far as the organization,
 * beyond which nobody's values are seen.
 */
export function uniqueAttributesOf(extensions: readonly Extension[]): UniqueAttribute[] {
  const found = new Map<string, UniqueAttribute>();
  for (const { resourceType, schema } of extensions) {
    const subject = resourceType === 'User' ? 'user' : 'group';
    const note = (names: readonly string[], { caseExact }: Attribute) => {
      const name = `${schema.id}:${names.join('.')}`;
      found.set(`${subject} ${name}`, { subject, name, path: [schema.id, ...names], caseExact });
    };
    for (const attribute of schema.attributes) {
      if (attribute.uniqueness !== 'none') note([attribute.name], attribute);
      for (const sub of attribute.subAttributes ?? [])
        if (sub.uniqueness !== 'none') note([attribute.name, sub.name], sub);
    }
  }
  return [...found.values()];
}
