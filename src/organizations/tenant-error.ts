/** What can go wrong with organizations, connections, tokens and domains, without a word of HTTP. `detail` may be shown to operators. */
export class TenantError extends Error {
  constructor(
    readonly reason: 'not-found' | 'conflict' | 'invalid',
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'TenantError';
  }
}
