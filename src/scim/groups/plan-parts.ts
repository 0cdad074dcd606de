/** Groups that are read together. */
export interface Part {
  readonly ids: readonly string[];
  /** One group of more than can be read at once. */
  readonly large: boolean;
}

/** Neighbours whose members are no more than `most` together, in order; a group with more by itself. */
export function planParts(groups: readonly { readonly id: string; readonly size: number }[], most: number): Part[] {
  const parts: { ids: string[]; large: boolean }[] = [];
  let room = 0;
  for (const { id, size } of groups) {
    const last = parts.at(-1);
    const large = size > most;
    if (last && !large && !last.large && size <= room) last.ids.push(id);
    else {
      parts.push({ ids: [id], large });
      room = most;
    }
    room -= size;
  }
  return parts;
}
