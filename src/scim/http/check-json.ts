/** One pass over a JSON text before it is parsed: what a parser would accept and what then would hurt. */

export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
  /** Of one object. */
  readonly maxObjectKeys: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Linear, without recursion and with no memory but a number for each level; says nothing about whether the text is JSON. */
export function checkJson(
  bytes: Uint8Array,
  { maxDepth, maxKeys, maxObjectKeys }: JsonLimits,
): 'too-deep' | 'too-many-keys' | 'too-many-object-keys' | undefined {
  const inObject = new Uint32Array(maxDepth + 1);
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
      if (++inObject[depth]! > maxObjectKeys) return 'too-many-object-keys';
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return 'too-deep';
      inObject[depth] = 0;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return undefined;
}
