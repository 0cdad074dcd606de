const LONGEST = 2048;
/** The origin does not matter: a path that leaves one origin leaves every one. */
const ORIGIN = 'https://here.invalid';

/**
 * The path of our own origin that a person wanted, normalised; undefined for everything that could lead elsewhere. What begins with
 * two slashes, or with a slash and a backslash, names another host to a browser, also when it does so only after `.` segments went.
 */
export function toTargetPath(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > LONGEST || !/^\/(?![/\\])[^\\\u0000-\u0020\u007f]*$/.test(text)) {
    return undefined;
  }
  if (!URL.canParse(text, ORIGIN)) return undefined;
  const url = new URL(text, ORIGIN);
  if (url.origin !== ORIGIN || url.pathname.startsWith('//')) return undefined;
  return url.pathname + url.search + url.hash;
}
