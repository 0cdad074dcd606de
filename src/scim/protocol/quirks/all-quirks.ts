/** Every quirk by its name. */
import { BULK_QUIRKS } from './bulk-quirks.js';
import { COMPARISON_QUIRKS, FILTER_QUIRKS } from './filter-quirks.js';
import { HTTP_QUIRKS } from './http-quirks.js';
import { MESSAGE_QUIRKS, OPERATION_QUIRKS } from './patch-quirks.js';
import type { Refusal } from './quirk.js';
import { NAME_QUIRKS, RESOURCE_QUIRKS } from './resource-quirks.js';
import { STORED_QUIRKS } from './stored-quirks.js';
import { VALUE_QUIRKS } from './value-quirks.js';

const ALL = [
  ...HTTP_QUIRKS,
  ...RESOURCE_QUIRKS,
  ...NAME_QUIRKS,
  ...VALUE_QUIRKS,
  ...MESSAGE_QUIRKS,
  ...OPERATION_QUIRKS,
  ...FILTER_QUIRKS,
  ...COMPARISON_QUIRKS,
  ...BULK_QUIRKS,
  ...STORED_QUIRKS,
];

export type QuirkName = (typeof ALL)[number]['name'];

export interface QuirkEntry {
  readonly name: QuirkName;
  readonly sentence: string;
  readonly refusal?: Refusal;
}

export const QUIRKS: readonly QuirkEntry[] = ALL;

const byName: ReadonlyMap<string, QuirkEntry> = new Map(QUIRKS.map((quirk) => [quirk.name, quirk]));

/** undefined for a name that another version of the server knew. */
export const quirkNamed = (name: string): QuirkEntry | undefined => byName.get(name);
