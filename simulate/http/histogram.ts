/** Latencies in buckets that grow by 2 per cent: quantiles of any number of requests in the same memory. */
const GROWTH = Math.log(1.02);
/** Milliseconds of the first bucket. */
const SMALLEST = 0.05;

export class Histogram {
  private readonly buckets: number[] = [];
  count = 0;
  max = 0;

  add(milliseconds: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(milliseconds / SMALLEST) / GROWTH));
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.count++;
    this.max = Math.max(this.max, milliseconds);
  }

  /** Milliseconds that the given share of the requests took at most. */
  quantile(share: number): number {
    let left = Math.ceil(this.count * share);
    for (const [bucket, count] of this.buckets.entries()) {
      left -= count ?? 0;
      if (left <= 0) return Math.min(this.max, SMALLEST * Math.exp(bucket * GROWTH));
    }
    return this.max;
  }
}
