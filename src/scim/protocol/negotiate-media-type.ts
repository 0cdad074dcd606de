/**
 * The media type of an answer by the Accept header (RFC 9110 section 12.5.1). "Service providers MUST support the "Accept" header
 * "application/scim+json" and SHOULD support the header "application/json"" (RFC 7644 section 3.8).
 */

export const MEDIA_TYPES = ['application/scim+json', 'application/json'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** The one that the client likes more, in doubt SCIM's own; undefined: the client says that it takes neither. */
export function negotiateMediaType(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return MEDIA_TYPES[0];
  const ranges = accept.split(',').map(parseRange);
  const [scim, json] = MEDIA_TYPES.map((type) => qualityOf(type, ranges));
  if (scim! <= 0 && json! <= 0) return undefined;
  return scim! >= json! ? MEDIA_TYPES[0] : MEDIA_TYPES[1];
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = Number(weight?.slice(2) ?? 1);
  return { type, quality: Number.isFinite(quality) ? quality : 1 };
}

/** By the most specific range that covers the type. */
function qualityOf(type: MediaType, ranges: readonly Range[]): number {
  for (const name of [type, 'application/*', '*/*', '*']) {
    const range = ranges.find((candidate) => candidate.type === name);
    if (range) return range.quality;
  }
  return 0;
}
