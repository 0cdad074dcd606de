/** Nothing of the answer was looked at: 429 for those who sent too much that was refused, 503 when there is too much to do. */
export class ComeAgain extends Error {
  constructor(
    readonly status: 429 | 503,
    readonly retryAfterSeconds: number,
  ) {
    super('The answer can be sent again');
  }
}
