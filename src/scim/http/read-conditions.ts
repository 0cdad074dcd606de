import type { VersionCondition } from '../../reconciliation/changes.js';
import { matchesIfMatch, matchesIfNoneMatch } from '../protocol/etag.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { otherVersion } from './other-version.js';

export interface ConditionHeaders {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

/**
 * What If-Match and If-None-Match demand of the stored version before a write (RFC 9110 section 13.1). `ofWriters`: the header with
 * what a reader is told beside the stored version taken out.
 */
export const writeCondition =
  (headers: ConditionHeaders, ofWriters: (header: string) => string = (header) => header): VersionCondition =>
  (version) => {
    const of = (header: string | undefined) => (header === undefined ? undefined : ofWriters(header));
    return (
      matchesIfMatch(of(headers['if-match']), version) && !matchesIfNoneMatch(of(headers['if-none-match']), version)
    );
  };

/**
 * The version of the resource, if If-None-Match says that the client has it. "An origin server MUST NOT perform the requested method if
 * the condition evaluates to false" (RFC 9110 section 13.1.1, of If-Match): throws ScimError 412.
 */
export function knownVersion(headers: ConditionHeaders, resource: JsonObject): string | undefined {
  const version = versionOf(resource);
  const plain = version.replace(/^W\/"(.*)"$/, '$1');
  if (!matchesIfMatch(headers['if-match'], plain)) throw otherVersion();
  return matchesIfNoneMatch(headers['if-none-match'], plain) ? version : undefined;
}

export const versionOf = (resource: JsonObject): string => (resource['meta'] as { version: string }).version;
