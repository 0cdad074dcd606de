/** One pass over a JSON text before it is parsed: what a parser would accept and what then would hurt. */

export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
}

export type JsonFault = 'too-deep' | 'too-many-keys' | 'nul' | undefined;

export interface JsonCheck {
  readonly fault: JsonFault;
  /** An escape that may be half of a surrogate pair is there: the parsed text needs a look. */
  readonly escapesSurrogates: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SMALL_U = 0x75;

/** Linear, without recursion and without memory of its own; says nothing about whether the text is JSON. */
export function checkJson(bytes: Uint8Array, { maxDepth, maxKeys }: JsonLimits): JsonCheck {
  let depth = 0;
  let keys = 0;
  let inString = false;
  let escapesSurrogates = false;
  const stop = (fault: JsonFault): JsonCheck => ({ fault, escapesSurrogates });
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === QUOTE) inString = false;
      else if (byte === BACKSLASH) {
        at++;
        if (bytes[at] === SMALL_U) {
          const first = bytes[at + 1];
          // \u0000: no text in PostgreSQL can hold it. \ud8.. to \udf..: half of a surrogate pair.
          if (first === 0x30 && bytes[at + 2] === 0x30 && bytes[at + 3] === 0x30 && bytes[at + 4] === 0x30)
            return stop('nul');
          if (first === 0x64 || first === 0x44) escapesSurrogates = true;
        }
      }
    } else if (byte === QUOTE) inString = true;
    else if (byte === COLON) {
      if (++keys > maxKeys) return stop('too-many-keys');
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return stop('too-deep');
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return stop(undefined);
}
