/**
 * The shape of schema data (RFC 7643 section 7). Schemas are data: everything that depends on an attribute's type, case rule,
 * mutability or `returned` characteristic asks these tables and never a hard-coded name.
 */

export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'complex' | 'binary';
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

/** One attribute definition as published under /Schemas (RFC 7643 section 7). */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
  /** Accepted from clients and forgotten; the server's own business, not published. */
  readonly kept?: false;
}

/** A schema document: the core schema of a resource type or one of its extensions. */
export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** A resource type with everything the protocol functions need to know about it (RFC 7643 section 6). */
export interface ResourceType {
  readonly id: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
  /** The extensions, by URN, that every resource must have. */
  readonly required: readonly string[];
}

/** A JSON value as it came over the wire or goes out. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
