import { hash } from '../random.js';

/**
 * Which resource at the server is which of ours, both ways. UUIDs, which nearly every server gives, take 16 bytes each and 8 for the way
 * back; ids of any other form are kept as texts.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NONE = -1;

export class IdStore {
  private packed = Buffer.alloc(16 * 1024);
  private readonly texts = new Map<number, string>();
  /** Open addressing; entries that an index has left behind are known by its id being another one. */
  private table = new Int32Array(4 * 1024).fill(NONE);
  private entries = 0;

  get(index: number): string | undefined {
    const text = this.texts.get(index);
    if (text !== undefined) return text;
    const at = index * 16;
    if (at >= this.packed.length) return undefined;
    const hex = this.packed.toString('hex', at, at + 16);
    if (/^0+$/.test(hex)) return undefined;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  set(index: number, id: string): void {
    this.forget(index);
    if (UUID.test(id) && !/^[0-]+$/.test(id)) this.packed.write(id.replaceAll('-', ''), index * 16, 'hex');
    else this.texts.set(index, id);
    this.enter(index, id);
  }

  forget(index: number): void {
    this.texts.delete(index);
    while (index * 16 + 16 > this.packed.length) {
      this.packed = Buffer.concat([this.packed, Buffer.alloc(this.packed.length)]);
    }
    this.packed.fill(0, index * 16, index * 16 + 16);
  }

  indexOf(id: string): number | undefined {
    for (let slot = this.slotOf(id); this.table[slot] !== NONE; slot = (slot + 1) % this.table.length) {
      const index = this.table[slot]!;
      if (this.get(index) === id) return index;
    }
    return undefined;
  }

  private enter(index: number, id: string): void {
    if (++this.entries * 2 > this.table.length) this.grow();
    let slot = this.slotOf(id);
    while (this.table[slot] !== NONE) slot = (slot + 1) % this.table.length;
    this.table[slot] = index;
  }

  private grow(): void {
    const known = new Set(this.table.filter((index) => index !== NONE));
    this.table = new Int32Array(this.table.length * 2).fill(NONE);
    this.entries = 1;
    for (const index of known) {
      const id = this.get(index);
      if (id !== undefined) this.enter(index, id);
    }
  }

  private slotOf(id: string): number {
    return hash(0, id) % this.table.length;
  }
}
