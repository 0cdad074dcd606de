/** The parameters of one statement; $1 is the organization, in every statement. */
export class Parameters {
  readonly values: unknown[];
  private aliases = 0;

  constructor(organizationId: string) {
    this.values = [organizationId];
  }

  /** The placeholder of a new parameter. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** A table alias not used before in this statement. */
  alias(): string {
    return `x${++this.aliases}`;
  }
}
