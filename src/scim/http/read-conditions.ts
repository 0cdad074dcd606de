import type { VersionCondition } from '../../reconciliation/changes.js';
import { matchesIfMatch, matchesIfNoneMatch } from '../protocol/etag.js';
import type { JsonObject } from '../protocol/schema/attribute.js';

export interface ConditionHeaders {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

/** What If-Match and If-None-Match demand of the stored version before a write (RFC 9110 section 13.1). */
export const writeCondition =
  (headers: ConditionHeaders, ofWriters: (ifMatch: string) => string = (header) => header): VersionCondition =>
  (version) => {
    const ifMatch = headers['if-match'];
    return (
      matchesIfMatch(ifMatch === undefined ? undefined : ofWriters(ifMatch), version) &&
      !matchesIfNoneMatch(headers['if-none-match'], version)
    );
  };

/** The version of the resource, if If-None-Match says that the client has it. */
export function knownVersion(headers: ConditionHeaders, resource: JsonObject): string | undefined {
  const version = versionOf(resource);
  return matchesIfNoneMatch(headers['if-none-match'], version.replace(/^W\/"(.*)"$/, '$1')) ? version : undefined;
}

export const versionOf = (resource: JsonObject): string => (resource['meta'] as { version: string }).version;
