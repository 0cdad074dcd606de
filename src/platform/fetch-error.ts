/**
 * `message` may be shown to whoever named the address: it does not tell a name without address from a private address, a closed port or a
 * host that says nothing, so that nobody can look around in the network of the server through it. The `cause` does, and is for the log.
 */
export class FetchError extends Error {
  constructor(
    readonly reason: 'address' | 'unreachable' | 'status' | 'too-large' | 'content',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'FetchError';
  }
}
