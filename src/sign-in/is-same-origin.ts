export interface OriginHeaders {
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | readonly string[] | undefined;
}

/**
 * Does a request that changes something come from a page of ours? Browsers that send Sec-Fetch-Site have judged that themselves, and a
 * page cannot set it; the others send Origin with every POST. A request with neither is refused: it is not from a browser's form.
 */
export function isSameOrigin(headers: OriginHeaders, ownOrigin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === ownOrigin;
}
