/** One pass over a JSON text before it is parsed: what a parser would accept and what then would hurt. */

export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Linear, without recursion and without memory of its own; says nothing about whether the text is JSON. */
export function checkJson(
  bytes: Uint8Array,
  { maxDepth, maxKeys }: JsonLimits,
): 'too-deep' | 'too-many-keys' | undefined {
  let depth = 0;
  let keys = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === QUOTE) inString = false;
      else if (byte === BACKSLASH) at++;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COLON) {
      if (++keys > maxKeys) return 'too-many-keys';
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return 'too-deep';
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return undefined;
}
