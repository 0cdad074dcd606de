import { Choice, Flag, NestedList, Text, Texts } from '../field.decorators.js';

const optional = { optional: true };
const TYPES = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'complex', 'binary'] as const;
const MUTABILITY = ['readWrite', 'readOnly', 'immutable', 'writeOnly'] as const;
const RETURNED = ['default', 'always', 'request', 'never'] as const;
const UNIQUENESS = ['none', 'server', 'global'] as const;

/** An attribute as RFC 7643 section 7 writes it; what is not said has the default of section 2.2. */
export class SubAttributeBody {
  @Text('Its name, in any case to clients')
  name!: string;

  @Choice(TYPES, 'What its values are; string when not given', optional)
  type?: (typeof TYPES)[number];

  @Flag('It has a list of values', optional)
  multiValued?: boolean;

  @Text('For people to read', optional)
  description?: string;

  @Flag('Whoever has the schema must have a value', optional)
  required?: boolean;

  @Flag('Texts that differ in case are different', optional)
  caseExact?: boolean;

  @Choice(MUTABILITY, 'Who may change it, and when; readWrite when not given', optional)
  mutability?: (typeof MUTABILITY)[number];

  @Choice(RETURNED, 'When it is shown; default when not given', optional)
  returned?: (typeof RETURNED)[number];

  @Choice(UNIQUENESS, 'No two may have one value; server and global reach as far as the organization', optional)
  uniqueness?: (typeof UNIQUENESS)[number];

  @Texts('Suggested values; others are accepted', optional)
  canonicalValues?: string[];

  @Texts('What a reference names: a resource type, external or uri', optional)
  referenceTypes?: string[];
}

export class AttributeBody extends SubAttributeBody {
  @NestedList(SubAttributeBody, 'The parts of a complex attribute', optional)
  subAttributes?: SubAttributeBody[];
}

export class DeclareSchemaBody {
  @Choice(['User', 'Group'], 'Whose schema it is')
  resourceType!: 'User' | 'Group';

  @Flag('Every resource the client writes must have it', optional)
  required?: boolean;

  @Text('Its name for people', { max: 200 })
  name!: string;

  @Text('For people to read', optional)
  description?: string;

  @NestedList(AttributeBody, 'Its attributes')
  attributes!: AttributeBody[];
}
