/** What is read together. */
export interface Part<Entry> {
  readonly entries: readonly Entry[];
  /** One group of more members than can be read at once. */
  readonly large: boolean;
}

/** Neighbours of no more than `most` altogether, in order; what is more by itself alone. */
export function planParts<Entry extends { readonly size: number }>(
  listed: readonly Entry[],
  most: number,
): Part<Entry>[] {
  const parts: { entries: Entry[]; large: boolean }[] = [];
  let room = 0;
  for (const entry of listed) {
    const last = parts.at(-1);
    const large = entry.size > most;
    if (last && !large && !last.large && entry.size <= room) last.entries.push(entry);
    else {
      parts.push({ entries: [entry], large });
      room = most;
    }
    room -= entry.size;
  }
  return parts;
}
