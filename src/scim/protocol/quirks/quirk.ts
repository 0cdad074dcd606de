/** What an oddity of a request is made of; the entries are in the files beside. */
import type { ScimType } from '../scim-error.js';

export interface Quirk<Site> {
  /** Never changes: counts are stored under it. */
  readonly name: string;
  /** What the client does, for operators. */
  readonly sentence: string;
  /** What a strict connection answers; absent: the specifications allow it, and it only tells one client from another. */
  readonly refusal?: Refusal;
  readonly seenIn: (site: Site) => boolean;
}

export interface Refusal {
  readonly status: 400 | 401 | 406 | 415;
  readonly scimType?: ScimType;
  /** What the client must do instead, with where that is written. */
  readonly demand: string;
}

const refusing =
  (scimType: ScimType) =>
  (demand: string): Refusal => ({ status: 400, scimType, demand });

export const syntax = refusing('invalidSyntax');
export const value = refusing('invalidValue');
export const filter = refusing('invalidFilter');
export const path = refusing('invalidPath');
