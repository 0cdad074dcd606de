import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/**
 * One line a field of a request or answer: what may stand there (class-validator), what the API description says (OpenAPI) and what
 * the command line offers. The three cannot disagree, because they are one declaration.
 */

export type FieldsClass = new () => object;

export interface Field {
  readonly name: string;
  /** `document`: a long text that the command line reads from a file. */
  readonly kind: 'text' | 'integer' | 'flag' | 'texts' | 'nested' | 'nested-list' | 'document';
  readonly required: boolean;
  readonly nullable: boolean;
  readonly doc: string;
  readonly choices?: readonly string[];
  readonly nested?: FieldsClass;
}

export interface FieldOptions {
  readonly optional?: boolean;
  /** null is a value: it clears. */
  readonly nullable?: boolean;
}

const FIELDS = new WeakMap<object, Field[]>();

/** The fields a class declares, those of its parents first; a class may declare one of them anew. */
export function fieldsOf(fieldsClass: FieldsClass): readonly Field[] {
  const own = FIELDS.get(fieldsClass) ?? [];
  const parent = Object.getPrototypeOf(fieldsClass) as FieldsClass;
  const inherited = parent.prototype === undefined ? [] : fieldsOf(parent);
  return [...inherited.filter(({ name }) => !own.some((field) => field.name === name)), ...own];
}

/** Text that PostgreSQL can hold: no NUL, no half of a surrogate pair. */
const STORABLE = /^[^\0\p{Surrogate}]*$/u;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;

const FLAGS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
const MOST_TEXT = 1000;
const MOST_ITEMS = 1000;

export const Text = (doc: string, options: FieldOptions & { readonly max?: number } = {}) =>
  field('text', doc, options, { type: String }, [...storable(options.max ?? MOST_TEXT)]);

/** A long text, for example a document. */
export const LongText = (doc: string, options: FieldOptions & { readonly max: number }) =>
  field('document', doc, options, { type: String }, storable(options.max));

export const Id = (doc: string, options: FieldOptions = {}) =>
  field('text', doc, options, { type: String, format: 'uuid' }, [
    IsString(),
    Matches(UUID, { message: '$property must be an id (a UUID)' }),
  ]);

/** An instant as ISO 8601 text with its offset. */
export const Instant = (doc: string, options: FieldOptions = {}) =>
  field('text', doc, options, { type: String, format: 'date-time' }, [
    IsString(),
    Matches(INSTANT, { message: '$property must be an instant such as 2030-12-31T23:59:59Z' }),
  ]);

export const Choice = (choices: readonly string[], doc: string, options: FieldOptions = {}) =>
  field('text', doc, options, { enum: [...choices] }, [IsIn(choices)], { choices });

/** `fromText`: where it stands in a query. */
export const Flag = (doc: string, { fromText, ...options }: FieldOptions & { readonly fromText?: boolean } = {}) =>
  field('flag', doc, options, { type: Boolean }, [
    ...(fromText ? [Transform(({ value }: { value: unknown }) => FLAGS.get(value) ?? value)] : []),
    IsBoolean(),
  ]);

/** `fromText`: where it stands in a query. */
export const Integer = (
  doc: string,
  { min, max, fromText, ...options }: FieldOptions & { min: number; max: number; fromText?: boolean },
) =>
  field('integer', doc, options, { type: 'integer', minimum: min, maximum: max }, [
    ...(fromText
      ? [Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? Number(value || NaN) : value))]
      : []),
    IsInt(),
    Min(min),
    Max(max),
  ]);

export const Texts = (doc: string, options: FieldOptions & { readonly max?: number } = {}) =>
  field('texts', doc, options, { type: String, isArray: true }, [
    IsArray(),
    ArrayMaxSize(MOST_ITEMS),
    ...storable(options.max ?? MOST_TEXT, { each: true }),
  ]);

export const Ids = (doc: string, options: FieldOptions = {}) =>
  field('texts', doc, options, { type: String, format: 'uuid', isArray: true }, [
    IsArray(),
    ArrayMaxSize(MOST_ITEMS),
    Matches(UUID, { each: true, message: 'each value in $property must be an id (a UUID)' }),
  ]);

export const Nested = (nested: FieldsClass, doc: string, options: FieldOptions = {}) =>
  field('nested', doc, options, { type: nested }, [ValidateNested(), IsObject(), Type(() => nested)], { nested });

export const NestedList = (nested: FieldsClass, doc: string, options: FieldOptions = {}) =>
  field(
    'nested-list',
    doc,
    options,
    { type: nested, isArray: true },
    [IsArray(), ArrayMaxSize(MOST_ITEMS), ValidateNested({ each: true }), IsObject({ each: true }), Type(() => nested)],
    { nested },
  );

/** Anything JSON, in answers only. */
export const Json = (doc: string, options: FieldOptions = {}) =>
  field('nested', doc, options, { type: Object, additionalProperties: true }, []);

const storable = (max: number, each: { readonly each?: true } = {}): PropertyDecorator[] => [
  IsString(each),
  MinLength(1, each),
  MaxLength(max, each),
  Matches(STORABLE, { ...each, message: '$property contains characters that cannot be stored' }),
];

function field(
  kind: Field['kind'],
  doc: string,
  { optional = false, nullable = false }: FieldOptions,
  schema: ApiPropertyOptions,
  validators: readonly PropertyDecorator[],
  more: Pick<Field, 'choices' | 'nested'> = {},
): PropertyDecorator {
  const register: PropertyDecorator = (target, name) => {
    const declared = FIELDS.get(target.constructor) ?? [];
    declared.push({ name: String(name), kind, required: !optional, nullable, doc, ...more });
    FIELDS.set(target.constructor, declared);
  };
  return applyDecorators(
    register,
    ApiProperty({ ...schema, description: doc, required: !optional, nullable } as ApiPropertyOptions),
    // Not IsOptional, which also lets null pass where null means nothing.
    ValidateIf((_object, value) => !(optional && value === undefined) && !(nullable && value === null)),
    ...validators,
  );
}
