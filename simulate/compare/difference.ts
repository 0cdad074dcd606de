/** One thing in which the server is not what the client's directory is. */
export interface Difference {
  readonly resource: 'User' | 'Group';
  /** userName or displayName in the client's directory, or the server's for what is not in it. */
  readonly name: string;
  /** At the server; null when it is not there. */
  readonly id: string | null;
  readonly kind: 'missing' | 'unexpected' | 'different' | 'member missing' | 'member unexpected';
  /** The attribute that is different. */
  readonly attribute?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** Counts all, keeps the first. */
export class Differences {
  readonly first: Difference[] = [];
  count = 0;

  constructor(private readonly most: number) {}

  add(difference: Difference): void {
    this.count++;
    if (this.first.length < this.most) this.first.push(difference);
  }
}
