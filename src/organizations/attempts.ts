import { isIP } from 'node:net';
import { RecentMap } from '../platform/recent-map.js';
import { SharedBucket, type Limit } from './shared-bucket.js';

/** Attempts of each address, on this node. Pure: time is an argument. */
export class Attempts {
  private readonly buckets = new RecentMap<SharedBucket>(10_000);

  constructor(private readonly limit: Limit) {}

  /** Counts one: 0, or the whole seconds after which the address may try again. */
  take(address: string, now: number): number {
    return this.of(address, now).take(this.limit, now);
  }

  /** What was counted turned out to be no attempt. */
  giveBack(address: string, now: number): void {
    this.of(address, now).giveBack();
  }

  private of(address: string, now: number): SharedBucket {
    const key = networkOf(address);
    const bucket = this.buckets.get(key) ?? new SharedBucket(now);
    this.buckets.set(key, bucket);
    return bucket;
  }
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  const [head, tail = ''] = plain.split('::') as [string, string?];
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = plain.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
