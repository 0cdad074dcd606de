/** The filter tree of RFC 7644 section 3.4.2.2, as the rest of the code sees it: the parsing library's own shape stops in parse-filter.ts. */

/** `[URN ":"] name ["." subAttribute]`, spelled as it was received; names are compared without case (RFC 7643 section 2.1). */
export interface AttributePath {
  /** The schema URN, when the path was qualified with one. */
  readonly schema?: string;
  /** Empty when the path is a bare extension URN. */
  readonly name: string;
  readonly subAttribute?: string;
}

export type CompareOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type FilterValue = string | number | boolean | null;

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly path: AttributePath;
      readonly value: FilterValue;
    }
  /** A value path: one element of `path` fulfils the whole `filter`, whose paths are relative to the element. */
  | { readonly kind: 'some'; readonly path: AttributePath; readonly filter: Filter };
